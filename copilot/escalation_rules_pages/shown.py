"""What the form's template shows: triggers with their sentences and numbers, fields, and errors beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from copilot.escalation.rules import PRIORITIES, TRIGGERS, Reason
from copilot.escalation_rules_pages.choices import LABELS, OTHERS, PRIORITY, SIGNALS, Choices, subject
from copilot.escalation_rules_pages.counting import Counted
from copilot.escalation_rules_pages.entered import Entered
from copilot.rule_forms import Field, at, list_field

SENTENCES = {
    Reason.SIGNAL.value: gettext_lazy(
        "The customer wrote something that the routing rules send to a person at once, such as a legal threat."
    ),
    Reason.HUMAN.value: gettext_lazy("The customer asks for a person, and the routing rules say “Person now”."),
    Reason.ATTEMPTS.value: gettext_lazy("The customer wrote again after this many replies, and not only to thank us."),
    Reason.URGENCY.value: gettext_lazy(
        "The latest message has at least the urgency from which a person answers by the routing rules."
    ),
    Reason.WAITING.value: gettext_lazy(
        "The customer waits for a reply, and a quarter of the time for it is left, or less."
    ),
    Reason.UNSURE.value: gettext_lazy(
        "No article answers the question, or the confidence of the draft is below the minimum."
    ),
}


@dataclass(frozen=True)
class Trigger:
    """`tickets`: how many have it."""

    name: str
    label: str
    sentence: str
    checked: bool
    tickets: int


@dataclass(frozen=True)
class Time:
    label: str
    number: Field
    unit: Field


class Form:
    """The form as its template reads it."""

    def __init__(self, entered: Entered, choices: Choices, errors: Mapping[str, str], counted: Counted) -> None:
        self.entered, self.lists, self.errors, self.counted = entered, choices.lists(), errors, counted
        self.note = entered.note

    def triggers(self) -> list[Trigger]:
        return [
            Trigger(
                each,
                str(LABELS[each]),
                str(SENTENCES[each]),
                each in self.entered.triggers,
                self.counted.by_trigger.get(each, 0),
            )
            for each in TRIGGERS
        ]

    def attempts(self) -> Field:
        return self._text("attempts", _("Replies"))

    def sure(self) -> Field:
        return self._text("sure", _("Minimum confidence in percent"))

    def reply(self) -> list[Time]:
        return self._times(
            "reply", _("Time for a reply, %(priority)s"), _("Unit of the time for a reply, %(priority)s")
        )

    def take(self) -> list[Time]:
        return self._times(
            "take", _("Time to take the ticket, %(priority)s"), _("Unit of the time to take the ticket, %(priority)s")
        )

    def signal_teams(self) -> list[Field]:
        return [self._list(at("team", each), subject(each)) for each in (*SIGNALS, Reason.SIGNAL.value)]

    def other_teams(self) -> list[Field]:
        return [self._list(at("team", each), subject(each)) for each in OTHERS]

    @cached_property
    def first_wrong(self) -> str:
        """The name of the first field with an error: it gets the focus."""
        page = [self.attempts(), *_flat(self.reply()), self.sure(), *_flat(self.take())]
        fields = [*page, *self.signal_teams(), *self.other_teams()]
        return next((each.name for each in fields if each.error), "note" if self.note_error() else "")

    def trigger_error(self) -> str:
        return self.errors.get("trigger", "")

    def note_error(self) -> str:
        return self.errors.get("note", "")

    def _times(self, kind: str, number: str, unit: str) -> list[Time]:
        found = []
        for priority in PRIORITIES:
            name, label = at(kind, str(priority)), str(PRIORITY[priority])
            names = {"priority": label}
            found.append(Time(label, self._text(name, number % names), self._list(at(name, "unit"), unit % names)))
        return found

    def _text(self, name: str, label: str) -> Field:
        return Field(name, label, self.entered.fields.get(name, ""), error=self.errors.get(name, ""))

    def _list(self, name: str, label: str) -> Field:
        return list_field(name, label, self.entered.fields.get(name, ""), self.lists[name], self.errors.get(name, ""))


def _flat(times: list[Time]) -> list[Field]:
    return [field for time in times for field in (time.number, time.unit)]
