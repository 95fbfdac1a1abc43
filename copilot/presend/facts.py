"""Everything that the check of a reply must know besides its text. Pure; gathering.py reads it from the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True)
class Internal:
    """A text that customers must not read. `title`: of the article; empty for a note."""

    text: str
    title: str = ""


@dataclass(frozen=True)
class Asked:
    """A question of the customer's latest message, and the units that answer it."""

    text: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """`customer` and `member`: their names. `decides`: the member may promise money and give guarantees.

    `latest`: the customer's latest message. `said`: all that customer and team wrote to each other, with the subject
    and the customer's record; `replies`: ours of them. `evidence`: what was found for the ticket, units and their
    articles. `public`: other texts that customers may read. `ours`: our own names and addresses. `others`, `strangers`,
    `namesakes`: values of the reply that belong to another customer, to nobody, and names of other customers. `links`:
    address -> what is wrong with it.
    """

    customer: str = ""
    member: str = ""
    decides: bool = False
    latest: str = ""
    said: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()
    internal: tuple[Internal, ...] = ()
    questions: tuple[Asked, ...] = ()
    others: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    namesakes: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    attachments: int = 0

    @cached_property
    def open_texts(self) -> tuple[str, ...]:
        """What the customer may read anyway."""
        return (*self.said, *self.evidence, *self.public, *self.ours)

    @cached_property
    def signed(self) -> tuple[str, ...]:
        """What the customer wrote: their name may be another one than in our record."""
        return tuple(text for text in self.said if text not in self.replies)

    @cached_property
    def all_texts(self) -> tuple[str, ...]:
        """What a statement may rest on: a colleague's note too."""
        return (*self.open_texts, *self.notes)
