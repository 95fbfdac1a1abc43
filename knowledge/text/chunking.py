"""Article text -> chunks to cite and to embed: whole sections if they fit, and no word is lost. Pure.

A chunk has the path of headings above it ("Billing › Refunds"). Lists, tables and code stay
whole if they fit. If not, they are split between items, rows or lines, and a table's header
row is repeated. Sizes are in tokens: a word, or one character of a script without spaces
between words, or 24 characters of a longer run.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from knowledge.text.markup import is_rule, readable
from knowledge.text.parsing import blocks

TARGET = 200  # tokens: a chunk ends before the block that would make it longer than this
BOUND = 300  # tokens: no chunk is longer
SMALL = 15  # tokens: a shorter section is joined to its neighbour
SEPARATOR = " › "
HEADING_LIMIT = 75  # characters of one heading in a path: six of them fit into Chunk.heading_path

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
TOKEN = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]{{1,24}}")
SENTENCE_END = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*\s*(?=\S)")
LINES = {"fence", "code_block", "table_open", "bullet_list_open", "ordered_list_open"}


@dataclass(frozen=True)
class Piece:
    """A chunk before it has a row in the database."""

    heading_path: str
    text: str
    tokens: int

    def content_hash(self, title: str) -> str:
        """Hash of the embedded text: an unchanged chunk keeps its row and its vector."""
        return hashlib.sha256(passage_text(title, self.heading_path, self.text).encode()).hexdigest()


@dataclass
class _Section:
    path: tuple[str, ...]
    blocks: list[tuple[str, str]] = field(default_factory=list)  # (kind, text)

    @property
    def tokens(self) -> int:
        return sum(count(text) for _, text in self.blocks)


def count(text: str) -> int:
    return sum(1 for _ in TOKEN.finditer(text))


def passage_text(title: str, heading_path: str, text: str) -> str:
    """The text to embed: with title and headings, without which a chunk means little."""
    return "\n".join(part for part in (title, heading_path, text) if part)


def chunk(markdown: str, title: str = "") -> list[Piece]:
    """The chunks of an article, in reading order. An article without text has none."""
    sections = _join_small(_sections(readable(markdown), title))
    pieces: list[Piece] = []
    for section in sections:
        path = SEPARATOR.join(section.path)
        pieces += [Piece(path, text, tokens) for text in _pack(section.blocks) if (tokens := count(text))]
    return pieces


def _sections(text: str, title: str) -> list[_Section]:
    sections = [_Section(())]
    stack: list[tuple[int, str]] = []
    for kind, level, block in _blocks(text):
        if kind != "heading":
            sections[-1].blocks.append((kind, block))
            continue
        if not sections[-1].blocks and _is_dead_end(stack, level):
            # A heading with nothing below it is text too.
            sections[-1].blocks.append(("paragraph", stack[-1][1]))
        stack = [(above, name) for above, name in stack if above < level]
        stack.append((level, block))
        path = tuple(_clip(name) for _, name in stack if name.strip().lower() != title.strip().lower())
        sections.append(_Section(path, [("paragraph", block)] if len(block) > HEADING_LIMIT else []))
    if stack and not sections[-1].blocks:
        sections[-1].blocks.append(("paragraph", stack[-1][1]))
    return [section for section in sections if section.blocks]


def _is_dead_end(stack: list[tuple[int, str]], next_level: int) -> bool:
    return bool(stack) and stack[-1][0] >= next_level


def _clip(heading: str) -> str:
    return heading if len(heading) <= HEADING_LIMIT else heading[: HEADING_LIMIT - 1].rstrip() + "…"


def _blocks(text: str) -> Iterator[tuple[str, int, str]]:
    """`(kind, heading level, text)` of each top-level block. Lines between blocks count as paragraphs."""
    lines = text.split("\n")
    parsed = blocks(text)
    done = 0
    for i, token in enumerate(parsed):
        if token.level or not token.map:
            continue
        start, end = max(token.map[0], done), token.map[1]
        yield from _leftover(lines[done:start])
        if token.type == "heading_open":
            if heading := " ".join(parsed[i + 1].content.replace("`", "").split()):
                yield "heading", int(token.tag[1]), heading
        elif token.type != "hr" and (block := "\n".join(lines[start:end]).strip("\n")).strip():
            yield ("lines" if token.type in LINES else "paragraph"), 0, block
        done = max(done, end)
    yield from _leftover(lines[done:])


def _leftover(lines: list[str]) -> Iterator[tuple[str, int, str]]:
    if block := "\n".join(lines).strip():
        yield "paragraph", 0, block


def _join_small(sections: list[_Section]) -> list[_Section]:
    """Very short neighbours become one chunk under the headings they share."""
    joined: list[_Section] = []
    for section in sections:
        before = joined[-1] if joined else None
        if before and section.path and min(before.tokens, section.tokens) < SMALL and _belong(before, section):
            shared = _shared(before.path, section.path)
            blocks = _with_headings(before, shared) + _with_headings(section, shared)
            joined[-1] = _Section(shared, blocks)
        else:
            joined.append(section)
    return joined


def _belong(one: _Section, other: _Section) -> bool:
    near = len(_shared(one.path, other.path)) >= min(len(one.path), len(other.path)) - 1
    return near and one.tokens + other.tokens <= TARGET // 2


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return one[:length]


def _with_headings(section: _Section, shared: tuple[str, ...]) -> list[tuple[str, str]]:
    rest = SEPARATOR.join(section.path[len(shared) :])
    # A clipped heading is in its section in full already.
    repeated = rest.endswith("…") and section.blocks[0][1].startswith(rest[:-1])
    return [*([("paragraph", rest)] if rest and not repeated else []), *section.blocks]


def _pack(blocks: list[tuple[str, str]]) -> Iterator[str]:
    """Blocks joined up to TARGET. A single block over BOUND is split first."""
    gathered: list[str] = []
    size = 0
    for kind, block in blocks:
        for part in [block] if count(block) <= BOUND else _split_block(kind, block):
            tokens = count(part)
            if gathered and size + tokens > (TARGET if size >= SMALL else BOUND):
                yield "\n\n".join(gathered)
                gathered, size = [], 0
            gathered.append(part)
            size += tokens
    if gathered:
        yield "\n\n".join(gathered)


def _split_block(kind: str, block: str) -> Iterator[str]:
    """Splits a block over BOUND between lines or sentences, into parts of about TARGET."""
    if kind == "lines":
        units, glue = block.split("\n"), "\n"
    else:
        units, glue = SENTENCE_END.split(block), " "
    header = units[:2] if kind == "lines" and len(units) > 2 and is_rule(units[1]) else []
    if count("\n".join(header)) > TARGET // 2:
        header = []
    room = TARGET - count("\n".join(header))
    gathered: list[str] = []
    size, first = 0, True
    for part in chain.from_iterable(_windows(unit, room) for unit in units):
        tokens = count(part)
        if gathered and size + tokens > room:
            yield glue.join(gathered if first else [*header, *gathered])
            gathered, size, first = [], 0, False
        gathered.append(part)
        size += tokens
    if gathered:
        yield glue.join(gathered if first else [*header, *gathered])


def _windows(unit: str, size: int) -> Iterator[str]:
    """The unit itself, or parts of `size` tokens if even one line or sentence is too long."""
    found = list(TOKEN.finditer(unit))
    if len(found) <= size:
        yield unit
        return
    for start in range(0, len(found), size):
        window = found[start : start + size]
        begin = 0 if start == 0 else window[0].start()
        end = len(unit) if start + size >= len(found) else found[start + size].start()
        yield unit[begin:end]
