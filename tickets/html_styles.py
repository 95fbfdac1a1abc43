"""What a style says about text: whether it is hidden, and whether its line breaks count. Pure, bounded."""

import html
import re
from dataclasses import dataclass
from functools import lru_cache

MAX_CSS = 200_000
MAX_RULES = 3000
_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]{0,20})?(?:[.#][\w-]{1,80})?")
_BRACE = re.compile(r"[{}]")
_NOTHING = re.compile(r"(?:0+|[01]?\.\d+|1)(?:px|pt|em|rem|%)?$")
_NO_SIZE = re.compile(r"0+(?:\.0+)?(?:px|pt|em|rem|%|vh|vw)?$")


@dataclass(frozen=True)
class Look:
    """None: says nothing about it, the element around decides."""

    hidden: bool = False
    tiny: bool | None = None
    breaks: bool | None = None

    def over(self, other: "Look") -> "Look":
        """This one where it says something, else the other."""
        tiny = other.tiny if self.tiny is None else self.tiny
        breaks = other.breaks if self.breaks is None else self.breaks
        return Look(self.hidden or other.hidden, tiny, breaks)


NOTHING = Look()


@lru_cache(maxsize=1024)
def look(style: str) -> Look:
    """Of the declarations in a style attribute or a rule."""
    given = {}
    for declaration in html.unescape(style[:2000]).lower().split(";")[:80]:
        name, _, value = declaration.partition(":")
        given[name.strip()] = value.replace("!important", "").strip()
    return Look(_is_hidden(given), _is_tiny(given.get("font-size", "")), _breaks(given.get("white-space", "")))


def _is_hidden(given: dict[str, str]) -> bool:
    """Preheaders and the like: there for the list of mails, not for who reads the mail."""
    if given.get("display") == "none" or given.get("visibility") in {"hidden", "collapse"}:
        return True
    if given.get("opacity") in {"0", "0.0", "0%"}:
        return True
    clipped = given.get("overflow", "").startswith("hidden")
    sizes = (given.get("max-height", ""), given.get("height", ""), given.get("max-width", ""), given.get("width", ""))
    return clipped and any(_NO_SIZE.match(size) for size in sizes)


def _is_tiny(size: str) -> bool | None:
    return bool(_NOTHING.match(size)) if size and size != "inherit" else None


def _breaks(value: str) -> bool | None:
    if not value or value == "inherit":
        return None
    return value.startswith(("pre", "break-spaces"))


class Sheet:
    """The simple rules of style sheets (`p`, `.note`, `td.note`, `#top`), not those for some screens only."""

    def __init__(self) -> None:
        self.rules: dict[str, Look] = {}

    def add(self, css: str) -> None:
        css = _without_comments(css[:MAX_CSS])
        at = 0
        while len(self.rules) < MAX_RULES and (start := css.find("{", at)) >= 0:
            selectors = css[at:start].rpartition(";")[2].strip().lower()
            if selectors.startswith("@"):
                at = _behind(css, start)
                continue
            end = css.find("}", start)
            if end < 0:
                return
            found = look(css[start + 1 : end])
            if found != NOTHING:
                self._note(selectors, found)
            at = end + 1

    def _note(self, selectors: str, found: Look) -> None:
        for selector in selectors[:4000].split(","):
            name = selector.strip()
            if name and _SELECTOR.fullmatch(name):
                self.rules[name] = found.over(self.rules.get(name, NOTHING))

    def of(self, tag: str, classes: str, name: str) -> Look:
        if not self.rules:
            return NOTHING
        found = self.rules.get(tag, NOTHING)
        for one in classes.lower().split()[:20]:
            for key in (f".{one}", f"{tag}.{one}"):
                found = self.rules.get(key, NOTHING).over(found)
        return self.rules.get(f"#{name.lower()}", NOTHING).over(found) if name else found


def _behind(css: str, start: int) -> int:
    """Behind the block that opens here, with all blocks inside it."""
    depth = 0
    for brace in _BRACE.finditer(css, start):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.end()
    return len(css)


def _without_comments(css: str) -> str:
    kept, at = [], 0
    while (start := css.find("/*", at)) >= 0:
        kept.append(css[at:start])
        end = css.find("*/", start + 2)
        if end < 0:
            return "".join(kept)
        at = end + 2
    return "".join([*kept, css[at:]]).replace("<!--", " ").replace("-->", " ")
