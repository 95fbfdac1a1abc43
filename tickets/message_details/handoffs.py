"""What a note that handed the ticket to a team shows in place of its text, and the questions about it that the team
answers with one key. The app that writes such notes registers a function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tickets.models import Message, User


@dataclass(frozen=True)
class Section:
    """One part of what the team was told. `links`: title, address ("" for none) and what it is."""

    label: str
    text: str = ""
    origin: str = ""
    by_model: bool = False
    links: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class Choice:
    """One answer, by a button or its key. `value` is posted as `judgement`."""

    value: str
    label: str
    key: str
    chosen: bool = False


@dataclass(frozen=True)
class Handoff:
    """`address`: where an answer is posted; "" if this member does not answer."""

    summary: str
    sections: tuple[Section, ...]
    undone: bool
    address: str = ""
    choices: tuple[Choice, ...] = ()
    judged_by: User | None = None
    judged_at: datetime | None = None

    @property
    def judgement(self) -> Choice | None:
        return next((each for each in self.choices if each.chosen), None)


Provider = Callable[[Sequence[Message], User], Mapping[int, Handoff]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Called once, when the app is ready. As many queries for one note as for all."""
    if provider not in _providers:
        _providers.append(provider)


def of(messages: Sequence[Message], user: User) -> dict[int, Handoff]:
    """Message id -> what was handed over with it, as `user` sees it."""
    notes = [each for each in messages if each.kind == Message.Kind.NOTE]
    if not notes:
        return {}
    return {number: found for provider in _providers for number, found in provider(notes, user).items()}
