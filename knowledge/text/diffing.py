"""Two texts compared line by line, side by side, with changed words marked. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

CONTEXT = 2  # unchanged lines kept around a change


@dataclass(frozen=True)
class Segment:
    text: str
    changed: bool


@dataclass(frozen=True)
class DiffRow:
    """`kind`: same, changed, added, removed, or gap (lines left out)."""

    kind: str
    left: tuple[Segment, ...] = ()
    right: tuple[Segment, ...] = ()
    skipped: int = 0


def compare(old: str, new: str) -> list[DiffRow]:
    before, after = old.splitlines(), new.splitlines()
    rows: list[DiffRow] = []
    for tag, i, i2, j, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [DiffRow("same", _plain(line), _plain(line)) for line in before[i:i2]]
        else:
            rows += _changed(before[i:i2], after[j:j2])
    return list(_folded(rows))


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffRow]:
    pairs = min(len(old), len(new))
    for left, right in zip(old[:pairs], new[:pairs], strict=True):
        yield DiffRow("changed", *_words(left, right))
    for line in old[pairs:]:
        yield DiffRow("removed", left=(Segment(line, True),))
    for line in new[pairs:]:
        yield DiffRow("added", right=(Segment(line, True),))


def _words(left: str, right: str) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    old, new = re.findall(r"\w+|\s+|.", left), re.findall(r"\w+|\s+|.", right)
    lefts: list[Segment] = []
    rights: list[Segment] = []
    for tag, i, i2, j, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if i2 > i:
            lefts.append(Segment("".join(old[i:i2]), tag != "equal"))
        if j2 > j:
            rights.append(Segment("".join(new[j:j2]), tag != "equal"))
    return tuple(lefts), tuple(rights)


def _folded(rows: list[DiffRow]) -> Iterator[DiffRow]:
    near = {i + shift for i, row in enumerate(rows) if row.kind != "same" for shift in range(-CONTEXT, CONTEXT + 1)}
    skipped = 0
    for i, row in enumerate(rows):
        if row.kind == "same" and i not in near:
            skipped += 1
            continue
        if skipped:
            yield DiffRow("gap", skipped=skipped)
            skipped = 0
        yield row
    if skipped:
        yield DiffRow("gap", skipped=skipped)


def _plain(line: str) -> tuple[Segment, ...]:
    return (Segment(line, False),)
