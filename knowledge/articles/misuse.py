"""What in an article would mislead whoever writes replies with it, or its readers: invisible letters, orders, addresses
that are filled in or that lead elsewhere. Pure.

Drafts leave the same places out (copilot/evidence/imitation.py). An author is told before, because most are mistakes:
a note to colleagues in a public article, a template that was never filled in.
"""

import re
from collections.abc import Iterator
from itertools import groupby, islice
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _
from markdown_it.token import Token

from knowledge.articles.remarks import Level, Remark
from knowledge.text.citation_marks import CITED
from knowledge.text.hidden_letters import hidden
from knowledge.text.orders import Kind, has_field, orders

ALIKE = 5  # remarks of one kind; the others need the same change
SHOWN = 90  # characters that are quoted
BEFORE = 30  # characters quoted before an invisible one
# What an internal article may say: it is written for members.
FOR_MEMBERS = {Kind.ADDRESS, Kind.CUSTOMER, Kind.REPLY}
# Emphasis, and where links lead: _links reads that.
_MARKS = re.compile(r"[*`]+|(?<!\w)_+|_+(?!\w)|(?<=\])\([^()\s]*\)")
# A link whose text is itself an address. Names such as "Node.js" and "README.md" are none.
_HOST = re.compile(
    r"\s*(?:https?://([^\s/?#:@]+)|((?:[a-z0-9-]+\.)+(?:com|org|net|info|io|gov|edu|app|dev|co|eu|de|fr|es|it|pt|pl|jp|uk"
    r"|invalid|example|test))(?=[/?#:]|\s*$))\S*\s*$",
    re.IGNORECASE,
)


def misuse(source: str, tokens: list[Token], title: str = "", internal: bool = False) -> Iterator[Remark]:
    yield from islice(_hidden(source), ALIKE)
    yield from islice(_orders(source, title, internal), ALIKE)
    yield from islice(_citations(tokens), ALIKE)
    yield from islice(_links(tokens), ALIKE)


def _hidden(source: str) -> Iterator[Remark]:
    for number, line in enumerate(source.split("\n"), 1):
        for found in hidden(line)[:1]:
            text = (
                _("Behind “%(words)s” stands a mark that turns the order of the letters. Delete it.")
                if found["turning"]
                else _("Behind “%(words)s” stand letters that nobody can see, but programs read them. Delete them.")
            )
            yield Remark("bad", number, text % {"words": line[: found.start()].strip()[-BEFORE:]})


def _orders(source: str, title: str, internal: bool) -> Iterator[Remark]:
    seen: set[str] = set()
    for line, text in [(0, title), *_paragraphs(source)]:
        for order in orders(_MARKS.sub("", text)):
            if order.words not in seen and not (internal and order.kind in FOR_MEMBERS):
                seen.add(order.words)  # one remark says enough of a sentence that gives two orders
                yield _remark(order.kind, line and line + order.line, order.words)


def _paragraphs(source: str) -> Iterator[tuple[int, str]]:
    """Number of the first line, and text."""
    numbered = enumerate(source.split("\n"), 1)
    for blank, lines in groupby(numbered, lambda each: not each[1].strip()):
        if not blank:
            together = list(lines)
            yield together[0][0], "\n".join(line for _number, line in together)


def _remark(kind: Kind, line: int, words: str) -> Remark:
    """Drafts leave all of them out; bad is what hardly any honest article has."""
    said: dict[Kind, tuple[Level, str]] = {
        Kind.ADDRESS: ("bad", _("“%(words)s” speaks to whoever writes replies. Drafts leave this paragraph out.")),
        Kind.DROP: ("bad", _("“%(words)s” says that rules do not count. Drafts leave this paragraph out.")),
        Kind.REPLY: ("warn", _("“%(words)s” says what replies have to say. Drafts leave it out.")),
        Kind.CUSTOMER: ("warn", _("“%(words)s” speaks about customers, who will read it. Drafts leave it out.")),
        Kind.PROMPT: ("bad", _("“%(words)s” looks like part of a prompt. Drafts leave out the rest of this section.")),
        Kind.FIELD: ("bad", _("“%(words)s” has an address to be filled in with customers’ data. Drafts leave it out.")),
        Kind.ENCODED: ("bad", _("“%(words)s” is encoded, so that nobody can read it. Drafts leave it out.")),
    }
    level, text = said[kind]
    return Remark(level, line, text % {"words": words[:SHOWN]})


def _citations(tokens: list[Token]) -> Iterator[Remark]:
    for token in tokens:
        if token.type != "inline" or not token.map:
            continue
        for place, line in enumerate(_lines(token), token.map[0] + 1):
            if CITED.search(line):
                text = _("“%(words)s” has a number that looks like a citation. Drafts leave it out.")
                yield Remark("warn", place, text % {"words": line.strip()[:SHOWN]})


def _lines(token: Token) -> list[str]:
    """What readers see of it, without code."""
    said = [
        "\n" if child.type in {"softbreak", "hardbreak"} else child.content if child.type == "text" else ""
        for child in token.children or []
    ]
    return "".join(said).split("\n")


def _links(tokens: list[Token]) -> Iterator[Remark]:
    for token in tokens:
        line = token.map[0] + 1 if token.map else 0
        address = seen = ""
        for child in token.children or []:
            line += child.type in {"softbreak", "hardbreak"}
            if child.type == "link_open":
                address, seen = unquote(str(child.attrGet("href") or "")), ""
                if has_field(address):
                    yield _remark(Kind.FIELD, line, address)
            elif child.type == "link_close":
                if (shown := _host(seen)) and (real := _real_host(address)) and not _same(shown, real):
                    text = _("This link shows “%(shown)s”, but leads to %(real)s.")
                    yield Remark("bad", line, text % {"shown": seen.strip()[:SHOWN], "real": real[:SHOWN]})
            elif child.type in {"text", "code_inline"}:
                seen += child.content


def _host(text: str) -> str:
    found = _HOST.match(text)
    return (found[1] or found[2]).lower() if found else ""


def _real_host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # another check says so
        return ""


def _same(shown: str, real: str) -> bool:
    """A part of the same site is no other host."""
    one, other = (f".{host.removeprefix('www.').rstrip('.')}" for host in (shown, real))
    return one.endswith(other) or other.endswith(one)
