"""How a reply was put together: which marks in its text are not the agent's, and which passages a machine wrote.

The desk keeps it with the message and gives it back when sending is undone. What a mark means, and that the
customer must not read it, is known to whoever put it there: that app registers a cleaner. Pure but for the list.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

MOST = 2000  # marks or passages of one reply


@dataclass(frozen=True)
class Composition:
    """`text` as it stood in the composer. Offsets count code points of it.

    `marks`: (offset, number, source) of each mark; None if the sender does not know where they stand.
    `passages`: (start, end, source) of what a machine wrote and nobody has changed.
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
    """Called once, when the app that puts marks into replies is ready."""
    if cleaner not in _cleaners:
        _cleaners.append(cleaner)


def for_customer(ticket_id: int, composition: Composition) -> str:
    """The text without what is only the team's."""
    text = composition.text
    for cleaner in _cleaners:
        text = cleaner(ticket_id, composition)
    return text


def parse(text: str, prepared: str, sent: dict[str, Any] | None) -> Composition:
    """What a browser sent, checked for its shape; ValueError if it has another one."""
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
