"""What a style says about text: whether it is hidden, and whether its line breaks count. Pure, bounded."""

import html
import re
from functools import lru_cache
from typing import NamedTuple

MAX_CSS = 200_000
MAX_RULES = 3000
_SELECTOR = re.compile(r"(?:[a-z][a-z0-9]{0,20})?(?:[.#][\w-]{1,80})?")
_BRACE = re.compile(r"[{}]")
_NOTHING = re.compile(r"(?:(?:0+|[01]?\.\d+|1)(?:px|pt|%)?|(?:0+|0*\.[01]\d*)(?:em|rem))$")
_NO_SIZE = re.compile(r"0+(?:\.0+)?(?:px|pt|em|rem|%|vh|vw)?$")


class Look(NamedTuple):
    """None: says nothing about it, the element around decides."""

    gone: bool | None = None  # by display
    unseen: bool | None = None  # by visibility
    clear: bool | None = None  # by opacity
    shut: bool | None = None  # without height or width, and what runs over is cut off
    tiny: bool | None = None
    breaks: bool | None = None

    @property
    def hidden(self) -> bool:
        """Preheaders and the like: there for the list of mails, not for who reads the mail."""
        return bool(self.gone or self.unseen or self.clear or self.shut)

    def over(self, other: "Look") -> "Look":
        """This one where it says something, else the other."""
        return Look(*(theirs if own is None else own for own, theirs in zip(self, other, strict=True)))

    def inside(self, around: "Look") -> "Look":
        """Of an element in another: only visibility comes back inside of what is hidden."""
        if self == NOTHING:
            return around
        return self.over(around)._replace(
            gone=around.gone or self.gone, clear=around.clear or self.clear, shut=around.shut or self.shut
        )


NOTHING = Look()


@lru_cache(maxsize=1024)
def look(style: str) -> Look:
    """Of the declarations in a style attribute or a rule."""
    given = {}
    for declaration in html.unescape(style[:2000]).lower().split(";")[:80]:
        name, _, value = declaration.partition(":")
        given[name.strip()] = value.replace("!important", "").strip()
    return Look(
        gone=_is(given.get("display", ""), {"none"}),
        unseen=_is(given.get("visibility", ""), {"hidden", "collapse"}),
        clear=_is(given.get("opacity", ""), {"0", "0.0", "0%"}),
        shut=_is_shut(given),
        tiny=_is_tiny(given.get("font-size", "")),
        breaks=_breaks(given.get("white-space", "")),
    )


def _is(value: str, wanted: set[str]) -> bool | None:
    return value in wanted if value and value != "inherit" else None


def _is_shut(given: dict[str, str]) -> bool | None:
    """False where what runs over is shown; another size says nothing, as it may be that of the other side."""
    overflow = given.get("overflow", "")
    if not overflow.startswith("hidden"):
        return _is(overflow, set())
    return any(_NO_SIZE.match(given.get(name, "")) for name in ("max-height", "height", "max-width", "width")) or None


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
