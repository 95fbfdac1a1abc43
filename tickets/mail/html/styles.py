"""Reads from CSS whether text is hidden and whether its line breaks count. Pure, with limits."""

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
    """Of one element. None: not given, so the element around it decides."""

    no_display: bool | None = None  # display: none
    invisible: bool | None = None  # visibility: hidden
    transparent: bool | None = None  # opacity: 0
    no_size: bool | None = None  # no height or width, and overflow is cut off
    tiny: bool | None = None
    breaks: bool | None = None

    @property
    def hidden(self) -> bool:
        """Used for preheaders, which show in the list of mails but not in the mail."""
        return bool(self.no_display or self.invisible or self.transparent or self.no_size)

    def over(self, other: "Look") -> "Look":
        """This value where it is given, else the other's."""
        return Look(*(theirs if own is None else own for own, theirs in zip(self, other, strict=True)))

    def inside(self, around: "Look") -> "Look":
        """Of an element inside another. Inside of a hidden element, only visibility can be set back to visible."""
        if self == NOTHING:
            return around
        return self.over(around)._replace(
            no_display=around.no_display or self.no_display,
            transparent=around.transparent or self.transparent,
            no_size=around.no_size or self.no_size,
        )


NOTHING = Look()


@lru_cache(maxsize=1024)
def look(style: str) -> Look:
    """From the declarations of a style attribute or a rule."""
    given = {}
    for declaration in html.unescape(style[:2000]).lower().split(";")[:80]:
        name, _, value = declaration.partition(":")
        given[name.strip()] = value.replace("!important", "").strip()
    return Look(
        no_display=_is(given.get("display", ""), {"none"}),
        invisible=_is(given.get("visibility", ""), {"hidden", "collapse"}),
        transparent=_is(given.get("opacity", ""), {"0", "0.0", "0%"}),
        no_size=_has_no_size(given),
        tiny=_is_tiny(given.get("font-size", "")),
        breaks=_breaks(given.get("white-space", "")),
    )


def _is(value: str, wanted: set[str]) -> bool | None:
    return value in wanted if value and value != "inherit" else None


def _has_no_size(given: dict[str, str]) -> bool | None:
    """False if overflow is shown. A size that is not zero says nothing: the other dimension may be zero."""
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
    """Simple rules of style sheets (`p`, `.note`, `td.note`, `#top`), without media queries."""

    def __init__(self) -> None:
        self.rules: dict[str, Look] = {}

    def add(self, css: str) -> None:
        css = _without_comments(css[:MAX_CSS])
        at = 0
        while len(self.rules) < MAX_RULES and (start := css.find("{", at)) >= 0:
            selectors = css[at:start].rpartition(";")[2].strip().lower()
            if selectors.startswith("@"):
                at = _end_of_block(css, start)
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


def _end_of_block(css: str, start: int) -> int:
    """The end of the block that opens at `start`, including nested blocks."""
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
