"""What a careful editor would point out in an article's Markdown. Pure; nothing is fetched and nothing forbidden."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from markdown_it.token import Token

from knowledge.text import headings, parsing
from knowledge.text.markup import presentable

LONG_SECTION = 300  # words without a heading
ALIKE = 3  # remarks of one kind; the rest is counted
PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX|lorem ipsum|lorem|tbc)\b|\?\?\?|\[insert\b", re.IGNORECASE)
FILLER_ALT = {"image", "picture", "screenshot", "describe the picture"}

Level = Literal["bad", "warn", "info"]
# Where an address of our own leads: "" if it is fine, else what is wrong with it.
Resolver = Callable[[str], str]


@dataclass(frozen=True)
class Remark:
    """`line` is counted from 1 in the text as written; 0 where it concerns the whole."""

    level: Level
    line: int
    words: str


@dataclass(frozen=True)
class _Heading:
    level: int
    line: int
    words: str


@dataclass
class _Read:
    """What the parser found."""

    headings: list[_Heading]
    links: list[tuple[int, str]]
    images: list[tuple[int, str, str]]  # line, address, description
    ids: set[str]  # of headings
    words: list[tuple[int, int]]  # line and number of words of each block that is not a heading


def check(markdown: str, title: str = "", resolve: Resolver = lambda address: "") -> list[Remark]:
    """Remarks in reading order, the gravest first where they share a line. Never raises."""
    source = presentable(markdown)
    # Machinery that is taken out above takes its lines with it; lines are told only where none was.
    shifted = source.count("\n") != markdown.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    read = _read(source)
    remarks = [
        *_headings(read.headings, title),
        *_links(read.links, read.ids, resolve),
        *_images(read.images),
        *_long_sections(read),
        *_placeholders(source),
    ]
    rank = {"bad": 0, "warn": 1, "info": 2}
    found = sorted(remarks, key=lambda each: (each.level == "info", each.line, rank[each.level]))
    return [Remark(each.level, 0, each.words) for each in found] if shifted else found


def _read(source: str) -> _Read:
    read = _Read([], [], [], set(), [])
    tokens = parsing.tokens(source)
    line = 1
    for place, token in enumerate(tokens):
        line = token.map[0] + 1 if token.map else line
        if token.type == "heading_open":
            read.ids.add(str(token.attrGet("id")))
            read.headings.append(_Heading(int(token.tag[1]), line, headings.words(tokens[place + 1])))
        elif token.type == "inline":
            _inline(token, line, read)
            if tokens[place - 1].type != "heading_open":
                read.words.append((line, len(headings.words(token).split())))
    return read


def _inline(token: Token, line: int, read: _Read) -> None:
    at = line
    for child in token.children or []:
        if child.type in {"softbreak", "hardbreak"}:
            at += 1
        elif child.type == "link_open":
            read.links.append((at, str(child.attrGet("href") or "")))
        elif child.type == "image":
            read.images.append((at, str(child.attrGet("src") or ""), child.content))


def _headings(headings: list[_Heading], title: str) -> Iterator[Remark]:
    seen: Counter[str] = Counter()
    before = 1  # the article's title
    for each in headings:
        key = each.words.casefold()
        seen[key] += 1
        if not key:
            yield Remark("warn", each.line, "This heading is empty.")
        elif seen[key] == 2:
            yield Remark("warn", each.line, f"“{each.words}” is a heading twice: a link to it finds only the first.")
        elif each.level == 1 and key == title.strip().casefold():
            yield Remark("info", each.line, "The title stands here again; readers see it above the text already.")
        if each.level > before + 1:
            yield Remark("warn", each.line, f"From level {before} to level {each.level}: a heading level is skipped.")
        before = each.level


def _links(links: list[tuple[int, str]], ids: set[str], resolve: Resolver) -> Iterator[Remark]:
    foreign: dict[str, int] = {}
    for line, address in links:
        try:
            parts = urlsplit(address)
        except ValueError:
            yield Remark("bad", line, f"“{address[:80]}” is no address.")
            continue
        if not address.strip():
            yield Remark("bad", line, "A link leads nowhere: its address is empty.")
        elif parts.scheme in {"http", "https"} or address.startswith("//"):
            foreign.setdefault(address, line)
        elif address.startswith("#") and len(address) > 1 and address[1:] not in ids:
            yield Remark("bad", line, f"{address[:80]}: no heading here has this name.")
        elif parts.path.startswith("/") and (wrong := resolve(parts.path)):
            yield Remark("bad", line, f"{parts.path}: {wrong}")
    for address, line in foreign.items():
        yield Remark("info", line, f"Leads outside: {address[:120]}")


def _images(images: list[tuple[int, str, str]]) -> Iterator[Remark]:
    for line, address, description in images:
        if not description.strip():
            yield Remark("warn", line, "A picture has no description for those who cannot see it.")
        elif description.strip().casefold() in FILLER_ALT:
            yield Remark("warn", line, f"“{description}” says nothing about the picture: describe what it shows.")
        if not address.startswith("/knowledge/images/"):
            yield Remark("warn", line, "This picture lies elsewhere; readers see a link instead. Paste it here.")


def _long_sections(read: _Read) -> Iterator[Remark]:
    starts = [heading.line for heading in read.headings]
    bounds = [0, *starts, 1 << 31]
    for start, end in zip(bounds, bounds[1:], strict=False):
        total = sum(count for line, count in read.words if start <= line < end)
        if total > LONG_SECTION:
            where = max(start, 1)
            yield Remark("warn", where, f"{total} words without a heading; readers and search find sections sooner.")


def _placeholders(source: str) -> Iterator[Remark]:
    found = [(line, hit[0]) for line, text in enumerate(source.split("\n"), 1) if (hit := PLACEHOLDER.search(text))]
    for line, words in found[:ALIKE]:
        yield Remark("bad", line, f"“{words}” is still in the text.")
    if len(found) > ALIKE:
        yield Remark("bad", found[ALIKE][0], f"and {len(found) - ALIKE} more lines like it.")
