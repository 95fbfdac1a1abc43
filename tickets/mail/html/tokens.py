"""Splits HTML into tags and texts, as browsers do. Pure, in one pass for any input.

Comments and scripts are left out. Where a browser would drop the rest of the page (a comment, a quotation mark or a
tag that is never closed), the text is kept: it is better to read too much.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_ATTRIBUTES = 60
MAX_VALUE = 2000
# Elements whose content is not markup. It is dropped (DROPPED) or read as text (AS_TEXT).
DROPPED = frozenset("script style title iframe noembed noframes object applet".split())  # noqa: SIM905
AS_TEXT = frozenset(("textarea", "xmp", "plaintext"))
_NAME = re.compile(r"[a-zA-Z][^\s/>\x00]{0,60}")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(>)|([^\s/>][^\s/>=]{0,2000}+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+|)))?)"
)


@dataclass(frozen=True)
class Token:
    """A text (`name` is empty), an opening tag or a closing tag. Entities are not decoded."""

    text: str = ""
    name: str = ""
    closes: bool = False
    attributes: dict[str, str] = field(default_factory=dict)


def tokens(html: str, styles: list[str] | None = None) -> Iterator[Token]:
    """In order. The content of each <style> is appended to `styles`."""
    return _Tokenizer(html, styles).tokens()


class _Tokenizer:
    def __init__(self, html: str, styles: list[str] | None) -> None:
        self.html, self.styles = html, styles
        self.at = 0
        self.missing: set[str] = set()  # what does not occur in the rest

    def tokens(self) -> Iterator[Token]:
        while self.at < len(self.html):
            start = self.html.find("<", self.at)
            stop = start if start >= 0 else len(self.html)
            if stop > self.at:
                yield Token(text=self.html[self.at : stop])
            if start < 0:
                return
            self.at = start + 1
            found = self.markup()
            if found is not None:
                yield found

    def find(self, what: str, start: int) -> int:
        """Searches in vain only once: else a page of unclosed tags would be searched again for each of them."""
        if what in self.missing:
            return -1
        found = self.html.find(what, start)
        if found < 0:
            self.missing.add(what)
        return found

    def markup(self) -> Token | None:
        """Reads what follows a `<`, and moves `self.at` behind it."""
        start = self.at
        if self.html.startswith("!--", start):
            end = self.find("-->", start + 1)
            self.at = end + 3 if end >= 0 else start + 3
            return None
        if self.html[start : start + 1] in {"!", "?"}:
            end = self.find(">", start)
            self.at = end + 1 if end >= 0 else start + 1
            return None
        closes = self.html.startswith("/", start)
        name = _NAME.match(self.html, start + closes)
        if name is None or (end := self.find(">", name.end())) < 0:
            return Token(text="<")
        if closes:
            self.at = end + 1
            return Token(name=name[0].lower(), closes=True)
        return self.opened(name[0].lower(), name.end())

    def opened(self, name: str, at: int) -> Token | None:
        attributes: dict[str, str] = {}
        self.at = at
        for _ in range(MAX_ATTRIBUTES):
            found = _ATTRIBUTE.match(self.html, self.at)
            if found is None:
                break
            self.at = found.end()
            if found[1]:
                return self.content(Token(name=name, attributes=attributes))
            value = next((group for group in found.groups()[2:] if group is not None), "")
            attributes.setdefault(found[2].lower(), value[:MAX_VALUE])
        end = self.find(">", self.at)
        self.at = end + 1 if end >= 0 else len(self.html)
        return self.content(Token(name=name, attributes=attributes))

    def content(self, token: Token) -> Token | None:
        """Reads the content of an element in DROPPED or AS_TEXT. Other tokens are returned as they are."""
        if token.name not in DROPPED and token.name not in AS_TEXT:
            return token
        end = self.end_of(token.name)
        inside = self.html[self.at : end] if end >= 0 else ""
        self.at = end if end >= 0 else self.at
        if token.name == "style" and self.styles is not None:
            self.styles.append(inside)
        return Token(text=inside.replace("<", "&lt;")) if token.name in AS_TEXT else None

    def end_of(self, name: str) -> int:
        if name in self.missing:
            return -1
        found = _ENDS[name].search(self.html, self.at)
        if found is None:
            self.missing.add(name)
        return found.start() if found else -1


_ENDS = {name: re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE) for name in (*DROPPED, *AS_TEXT)}
