"""How a reply was put together: where its text has citations of a draft, and which passages a model wrote.

It is stored with the message and goes back to the composer when sending is undone. This app does not know what a
citation means, or that the customer must not read it: the app that makes them registers a cleaner.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

MOST = 2000  # marks or passages of one reply


@dataclass(frozen=True)
class Composition:
    """`text` as it was in the composer. Offsets count its code points.

    `prepared`: id of the draft. `marks`: (offset, number, draft) of each citation; None if the sender does not know.
    `passages`: (start, end, draft) of what a model wrote and nobody has changed.
    """

    text: str
    prepared: str = ""
    marks: tuple[tuple[int, int, int], ...] | None = None
    passages: tuple[tuple[int, int, int], ...] = ()

    def stored(self) -> dict[str, Any]:
        return asdict(self)


Cleaner = Callable[[int, Composition], str]
_cleaners: list[Cleaner] = []


def register(cleaner: Cleaner) -> None:
    """Called once, when the app that puts citations into replies is ready."""
    if cleaner not in _cleaners:
        _cleaners.append(cleaner)


def for_customer(ticket_id: int, composition: Composition) -> str:
    """The text without what only the team may see."""
    text = composition.text
    for cleaner in _cleaners:
        text = cleaner(ticket_id, composition)
    return text


def parse(text: str, prepared: str, sent: dict[str, Any] | None) -> Composition:
    """What a browser sent, as a Composition. ValueError if it has another shape."""
    if sent is None:
        return Composition(text, prepared)
    return Composition(text, prepared, _triples(sent.get("marks")), _triples(sent.get("passages")))


def _triples(rows: Any) -> tuple[tuple[int, int, int], ...]:
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ValueError("not a list of marks")
    return tuple(_triple(row) for row in rows)


def _triple(row: Any) -> tuple[int, int, int]:
    good = isinstance(row, list) and len(row) == 3 and all(type(each) is int and 0 <= each < 2**62 for each in row)
    if not good:
        raise ValueError("not three whole numbers")
    return row[0], row[1], row[2]
