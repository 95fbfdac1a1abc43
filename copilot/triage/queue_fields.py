"""What the queue can be filtered by because messages are classified: of each ticket its customer's latest message."""

from collections.abc import Callable, Sequence

from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from copilot.models import Triage
from copilot.triage import signals
from tickets.models import Message
from tickets.queue.fields import Asked, Choice, Field, Kind, Label, one_of
from tickets.views.wording import SIGNALS


def _field(key: str, label: Label, choices: dict[str, Label], where: Callable[[Sequence[str]], Q]) -> Field:
    found = tuple(Choice(value, name) for value, name in choices.items())
    return Field(
        key,
        label,
        Kind.CHOICES,
        lambda values, asked: _latest(where(values), asked),
        choices.__contains__,
        lambda values: found,
    )


def _latest(condition: Q, asked: Asked) -> Q:
    later = Message.objects.filter(
        ticket=OuterRef("message__ticket"), kind=Message.Kind.CUSTOMER, pk__gt=OuterRef("message")
    )
    said = Triage.objects.alias(signals_text=Cast("signals", TextField())).filter(condition)
    return Q(Exists(said.filter(~Exists(later), message__ticket=OuterRef("pk"))))


def _signal(values: Sequence[str]) -> Q:
    """Those that no agent says are none. Stored as `[kind, words]`: both databases write a comma and a space."""
    found = Q(pk__in=[])
    for value in values:
        found |= Q(signals_text__contains=f'["{value}", ') & ~Q(dismissed__has_key=value)
    return found


FIELDS = (
    _field("sentiment", _("Sentiment"), dict(Triage.Sentiment.choices), lambda values: one_of("sentiment", values)),
    _field(
        "urgency",
        _("Urgency"),
        {str(level): format_lazy(_("{level} of 5"), level=level) for level in (5, 4, 3, 2, 1)},
        lambda values: one_of("urgency", [int(value) for value in values]),
    ),
    _field(
        "signal",
        _("Signal"),
        {kind.value: SIGNALS.get(kind.value, kind.value) for kind in signals.Kind},
        _signal,
    ),
)
