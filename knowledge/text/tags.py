"""Tags of HTML and components (JSX) in Markdown: where they end, and what readers see of them. Pure.

`Replace <YOUR_KEY> with your own` has no tag. A name is a tag if HTML has it, or if the text uses it
as a tag: with attributes, self-closing, or with both an opening and a closing tag.
"""

import re
from dataclasses import dataclass

NAME = re.compile(r"<(?P<closing>/?)(?P<name>[A-Za-z][\w.-]{0,60})(?=[\s/>])")
AUTOLINK = re.compile(r"<(?:[a-z][a-z0-9+.-]{1,30}:[^<>\s]{1,2000}|[^<>\s@]{1,100}@[^<>\s@]{1,200})>", re.IGNORECASE)
STOP = re.compile(r"[\"'{<>]|\n[ \t]*\n")
BRACE = re.compile(r"[{}]")
SEEN = re.compile(r"(?<![\w-])(?:alt|title|label|caption|summary|content)\s*=\s*\{?\s*(?:\"([^\"]*)\"|'([^']*)')")
LONGEST = 6000  # characters: the longest tag
STEPS = 300
QUOTED = 3000
NESTED = 4  # levels of braces

HTML = frozenset(
    {
        *("a", "abbr", "article", "aside", "audio", "b", "big", "blockquote", "br", "button", "caption", "center"),
        *("cite", "code", "col", "colgroup", "dd", "del", "details", "div", "dl", "dt", "em", "embed", "figcaption"),
        *("figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "i", "iframe", "img"),
        *(
            "input",
            "ins",
            "kbd",
            "li",
            "main",
            "mark",
            "nav",
            "noscript",
            "ol",
            "p",
            "path",
            "picture",
            "pre",
            "q",
            "s",
        ),
        *("samp", "script", "section", "select", "small", "span", "strike", "strong", "style", "sub"),
        *("summary", "sup", "svg", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "tr"),
        *("tt", "u", "ul", "var", "video", "wbr"),
    }
)
# Such a tag separates the words around it.
APART = frozenset(
    {
        *("article", "aside", "blockquote", "br", "button", "caption", "center", "col", "dd", "details", "div"),
        *("dl", "dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
        *("iframe", "img", "li", "main", "nav", "ol", "option", "p", "picture", "pre", "section", "select"),
        *("summary", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul", "video"),
    }
)
# Removed together with their content.
UNSEEN = frozenset({"script", "style", "template", "svg", "noscript"})


@dataclass(frozen=True)
class Tag:
    name: str
    closing: bool
    end: int  # the place after it
    words: str  # that readers see: a picture's description, a tab's label

    @property
    def apart(self) -> bool:
        return self.name.lower() in APART or self.name[0].isupper()


@dataclass(frozen=True)
class Names:
    """The names that have an opening tag in the text, and those that have a closing one."""

    opened: frozenset[str]
    closed: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Names":
        found = [(bool(each["closing"]), each["name"]) for each in NAME.finditer(text)] if "<" in text else []
        return cls(
            frozenset(name for closing, name in found if not closing),
            frozenset(name for closing, name in found if closing),
        )


def tag_at(text: str, place: int, names: Names) -> Tag | None:
    """The tag that begins here, or None if this is only a `<`."""
    found = NAME.match(text, place)
    if found is None:
        return None
    end = _end(text, found.end())
    if end is None:
        return None
    inside = text[found.end() : end - 1]
    name, closing = found["name"], bool(found["closing"])
    if not _is_tag(name, closing, inside, names):
        return None
    seen = None if closing else SEEN.search(inside)
    return Tag(name, closing, end, " ".join((seen[1] or seen[2] or "").split()) if seen else "")


def _is_tag(name: str, closing: bool, inside: str, names: Names) -> bool:
    if name.lower() in HTML:
        return True
    if closing:
        return name in names.opened
    return name in names.closed or "=" in inside or inside.rstrip().endswith("/")


def _end(text: str, place: int) -> int | None:
    """The place after the first `>` outside quotes and braces."""
    limit = min(len(text), place + LONGEST)
    for _ in range(STEPS):
        stop = STOP.search(text, place, limit)
        if stop is None or stop[0] == "<" or stop[0].startswith("\n"):
            return None
        if stop[0] == ">":
            return stop.end()
        after = _braces(text, stop.start(), limit) if stop[0] == "{" else text.find(stop[0], stop.end(), limit) + 1
        if not after or after - place > QUOTED:
            return None
        place = after
    return None


def _braces(text: str, place: int, limit: int) -> int:
    """The place after the brace that closes this one, or 0."""
    depth = 0
    for count, found in enumerate(BRACE.finditer(text, place, limit)):
        depth += 1 if found[0] == "{" else -1
        if depth > NESTED or count > STEPS:
            return 0
        if not depth:
            return found.end()
    return 0
