"""Problems in an article's Markdown that an editor would point out. Pure: fetches nothing, forbids nothing."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from markdown_it.token import Token

from knowledge.articles.misuse import misuse
from knowledge.articles.remarks import Remark
from knowledge.text import headings, parsing
from knowledge.text.alt_texts import placeholder_alt
from knowledge.text.markup import presentable

LONG_SECTION = 300  # words without a heading
ALIKE = 3  # placeholders listed; the rest is counted
PLACEHOLDER = re.compile(r"\b(?:TODO|FIXME|TBD|XXX|lorem ipsum|lorem|tbc)\b|\?\?\?|\[insert\b", re.IGNORECASE)
FILLER_ALT = {"image", "picture", "screenshot", "describe the picture"}

# Given a path of ours: "" if it leads somewhere, else the problem.
Resolver = Callable[[str], str]


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


def check(
    markdown: str, title: str = "", resolve: Resolver = lambda address: "", internal: bool = False
) -> list[Remark]:
    """Remarks in reading order; on the same line the worst first. Never raises. `internal`: only members read it."""
    source = presentable(markdown)
    # If removing hidden markup removed lines too, line numbers would be wrong: then none are given.
    shifted = source.count("\n") != markdown.replace("\r\n", "\n").replace("\r", "\n").count("\n")
    tokens = parsing.tokens(source)
    read = _read(tokens)
    remarks = [
        *_headings(read.headings, title),
        *_links(read.links, read.ids, resolve),
        *_images(read.images),
        *_long_sections(read),
        *_placeholders(source),
        *misuse(source, tokens, title, internal),
    ]
    rank = {"bad": 0, "warn": 1, "info": 2}
    found = sorted(remarks, key=lambda each: (each.level == "info", each.line, rank[each.level]))
    return [Remark(each.level, 0, each.words) for each in found] if shifted else found


def _read(tokens: list[Token]) -> _Read:
    read = _Read([], [], [], set(), [])
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
            yield Remark("warn", each.line, _("This heading is empty."))
        elif seen[key] == 2:
            yield Remark(
                "warn",
                each.line,
                _("The heading “%(heading)s” occurs twice. Links find only the first one.") % {"heading": each.words},
            )
        elif each.level == 1 and key == title.strip().casefold():
            yield Remark("info", each.line, _("This repeats the title, which readers see above the text anyway."))
        if each.level > before + 1:
            text = _("A heading level is skipped: from level %(before)d to level %(after)d.")
            yield Remark("warn", each.line, text % {"before": before, "after": each.level})
        before = each.level


def _links(links: list[tuple[int, str]], ids: set[str], resolve: Resolver) -> Iterator[Remark]:
    foreign: dict[str, int] = {}
    for line, address in links:
        try:
            parts = urlsplit(address)
        except ValueError:
            yield Remark("bad", line, _("“%(address)s” is not an address.") % {"address": address[:80]})
            continue
        if not address.strip():
            yield Remark("bad", line, _("This link has no address."))
        elif parts.scheme in {"http", "https"} or address.startswith("//"):
            foreign.setdefault(address, line)
        elif address.startswith("#") and len(address) > 1 and address[1:] not in ids:
            yield Remark("bad", line, _("%(address)s: no heading has this name.") % {"address": address[:80]})
        elif parts.path.startswith("/") and (wrong := resolve(parts.path)):
            yield Remark("bad", line, f"{parts.path}: {wrong}")
    for address, line in foreign.items():
        yield Remark("info", line, _("External link: %(address)s") % {"address": address[:120]})


def _images(images: list[tuple[int, str, str]]) -> Iterator[Remark]:
    for line, address, description in images:
        if not description.strip():
            yield Remark("warn", line, _("A picture has no description for people who cannot see it."))
        elif description.strip().casefold() in {*FILLER_ALT, placeholder_alt().casefold()}:
            text = _("“%(description)s” says nothing about the picture. Describe what it shows.")
            yield Remark("warn", line, text % {"description": description})
        if not address.startswith("/knowledge/images/"):
            yield Remark(
                "warn",
                line,
                _("This picture is on another site, so readers see a link instead. Paste the picture here."),
            )


def _long_sections(read: _Read) -> Iterator[Remark]:
    starts = [heading.line for heading in read.headings]
    bounds = [0, *starts, 1 << 31]
    for start, end in zip(bounds, bounds[1:], strict=False):
        total = sum(count for line, count in read.words if start <= line < end)
        if total > LONG_SECTION:
            where = max(start, 1)
            text = _("%(count)d words without a heading. Shorter sections are easier to read and to find.")
            yield Remark("warn", where, text % {"count": total})


def _placeholders(source: str) -> Iterator[Remark]:
    found = [(line, hit[0]) for line, text in enumerate(source.split("\n"), 1) if (hit := PLACEHOLDER.search(text))]
    for line, words in found[:ALIKE]:
        yield Remark("bad", line, _("The placeholder “%(words)s” is still in the text.") % {"words": words})
    if len(found) > ALIKE:
        more = len(found) - ALIKE
        text = ngettext("%(count)d more line has a placeholder.", "%(count)d more lines have placeholders.", more)
        yield Remark("bad", found[ALIKE][0], text % {"count": more})
