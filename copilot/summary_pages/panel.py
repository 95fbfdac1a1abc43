"""What the context pane shows of a ticket's messages: the summary that is kept, or else quotes at once. Reads only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from copilot.escalation.wording import LABELS
from copilot.summaries import keeping, thread
from copilot.summaries.quoted import About, Line
from tickets.models import Ticket


@dataclass(frozen=True)
class Section:
    """What was asked, tried or did not help, under the words of an escalation. `lines` may be empty."""

    about: str
    label: str
    lines: Sequence[Line]


def panel(ticket: Ticket) -> dict[str, Any]:
    """`to_make`: no model has read the messages up to the newest one."""
    kept = keeping.latest(ticket, thread.newest(ticket))
    lines = keeping.shown(kept, ticket) if kept else keeping.quotes(ticket, thread.read(ticket))
    return {
        "ticket": ticket,
        "sections": list(_sections(lines)),
        "lines": lines,
        "by_model": any(line.written for line in lines),
        "to_make": bool(lines) and kept is None,
    }


def _sections(lines: Sequence[Line]) -> Iterator[Section]:
    for about in About:
        yield Section(about.value, str(LABELS[about.value]), [line for line in lines if line.about == about])
