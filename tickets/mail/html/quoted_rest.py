"""Where in a mail's HTML the new text ends, so that quotations and the signature can be folded. Pure.

tickets/mail/quoting says what is new text, by the words of mail programs in 38 languages. Here its words are found
again in the HTML; so both ways to read a mail fold the same.
"""

import html
import re
from collections import Counter
from collections.abc import Sequence

from tickets.mail.html.tokens import Token

# The share of the new text's words that the HTML must have, and how many others may be among them.
FOUND = 0.9
BESIDES, BESIDES_SHARE = 3, 1.25
LINE_ENDS = frozenset("blockquote br caption dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table td th tr ul".split())  # noqa: SIM905
_WORD = re.compile(r"\w+")
# What the text has in addition to the HTML: addresses of links, names of pictures.
_ADDED = re.compile(r"\(?<?\b(?:https?://|mailto:)[^\s<>)]{1,500}[>)]?|\[[^\[\]\n]{0,200}\]")


def rest_from(items: Sequence[Token], text: str) -> int | None:
    """The index of the first item that is not new text; None if the new text is not at the beginning."""
    wanted = Counter(_words(_ADDED.sub(" ", text)))
    there = Counter(word for item in items if item.text for word in _words(html.unescape(item.text)))
    total, reachable = wanted.total(), (wanted & there).total()
    if not total or reachable < FOUND * total:
        return None
    at = _end_of(items, wanted, reachable, BESIDES + BESIDES_SHARE * total)
    if at is None or not any(_is_said(item) for item in items[at:]):
        return None
    return at


def _end_of(items: Sequence[Token], wanted: Counter[str], reachable: int, most: float) -> int | None:
    """Behind the line in which the last of the `wanted` words is.

    None if more than `most` words come before, or a quotation: then the new text may be an answer below it, of which
    the words are in the quotation too ("Yes").
    """
    seen = found = depth = 0
    for at, item in enumerate(items):
        if item.name == "blockquote":
            depth += -1 if item.closes else 1
        if depth and _is_said(item):
            return None
        for word in _words(html.unescape(item.text)) if item.text else ():
            seen += 1
            if wanted[word] > 0:
                wanted[word] -= 1
                found += 1
        if found == reachable and item.text:
            return _behind_pictures(items, _end_of_line(items, at)) if seen <= most else None
    return None


def _behind_pictures(items: Sequence[Token], at: int) -> int:
    """Pictures with no text before them belong to the new text: a screenshot below "see here"."""
    for place in range(at, len(items)):
        if _is_said(items[place]):
            break
        if items[place].name == "img":
            at = _behind_closing(items, place + 1)
    return at


def _end_of_line(items: Sequence[Token], at: int) -> int:
    while at < len(items) and items[at].name not in LINE_ENDS:
        at += 1
    return _behind_closing(items, at)


def _behind_closing(items: Sequence[Token], at: int) -> int:
    """Closing tags belong to what they close."""
    while at < len(items) and items[at].closes:
        at += 1
    return at


def _is_said(item: Token) -> bool:
    return bool(html.unescape(item.text).strip())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
