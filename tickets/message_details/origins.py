"""Where the sentences of a sent reply come from: shown below it. The app that knows it registers a function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tickets.models import Message


@dataclass(frozen=True)
class Part:
    """One sentence. `sources`: title and address of each."""

    text: str
    label: str
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Origins:
    summary: str
    parts: tuple[Part, ...]


Provider = Callable[[Sequence[Message]], Mapping[int, Origins]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Called once, when the app is ready. One query for all messages."""
    if provider not in _providers:
        _providers.append(provider)


def of(messages: Sequence[Message]) -> dict[int, Origins]:
    """Message id -> its origins, if they are known."""
    return {number: found for provider in _providers for number, found in provider(messages).items()}
