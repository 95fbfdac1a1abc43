"""The escalations of the history, and a ticket that went round. Their texts were written by hand, so no model is named.

Runs after the drafts, whose stories count messages, and before the timelines, which tell of the transfers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import translation

from copilot.escalation import package, sending, wording
from copilot.escalation.rules import SHIPPED
from copilot.models import Escalation
from copilot.triage.wording import signal
from demo import content
from demo.history import Cast, Story
from knowledge.models import Article
from tickets import search
from tickets.models import Message, Team, Ticket, TicketEvent, User

Kind = TicketEvent.Kind
BEFORE = timedelta(minutes=3)  # so long before doing something with a ticket a member took it


@dataclass
class Handed:
    """One transfer of the file. An entry with a `note` is no escalation."""

    entry: dict[str, Any]
    story: Story
    cast: Cast
    note: Message | None = None

    @property
    def by(self) -> User:
        return self.cast.users[self.entry["by"]]

    @property
    def team(self) -> Team:
        return self.cast.teams[self.entry["to"]]

    @property
    def from_team(self) -> Team | None:
        return self.cast.teams[self.entry["from"]] if self.entry["from"] else None

    @cached_property
    def sent_at(self) -> datetime:
        if "due_in_minutes" in self.entry:
            due = self.cast.now + timedelta(minutes=self.entry["due_in_minutes"])
            return due - SHIPPED.takes(self.story.ticket.priority)
        return self.after(self.entry["minutes"])

    @property
    def due_at(self) -> datetime:
        return self.sent_at + SHIPPED.takes(self.story.ticket.priority)

    @property
    def undone_at(self) -> datetime | None:
        seconds = self.entry.get("undone_after_seconds")
        return self.sent_at + timedelta(seconds=seconds) if seconds else None

    @property
    def escalated(self) -> bool:
        return "note" not in self.entry

    def after(self, minutes: float) -> datetime:
        """Minutes since the ticket came."""
        return self.story.ticket.created_at + timedelta(minutes=minutes)

    def who(self, name: str) -> tuple[datetime, User] | None:
        """When and by whom it was taken or judged."""
        done = self.entry.get(name)
        return (self.after(done["minutes"]), self.cast.users[done["by"]]) if done else None


def write(stories: list[Story], cast: Cast) -> list[TicketEvent]:
    """Write notes and escalations. Returns the events that the timelines of history.py do not have."""
    by_key = {story.data["key"]: story for story in stories}
    handed = [Handed(entry, by_key[entry["key"]], cast) for entry in content.escalations()]
    articles = {str(each.external_id): each for each in Article.objects.exclude(external_id=None)}
    told = {number: _package(each, articles) for number, each in enumerate(handed) if each.escalated}
    for number, each in enumerate(handed):
        each.note = _note(each, told.get(number))
    Message.objects.bulk_create([each.note for each in handed if each.note])
    Escalation.objects.bulk_create([_escalation(handed[number], each) for number, each in told.items()])
    for each in handed:
        _move(each)
    moved = {id(each.story): each.story for each in handed}.values()
    Ticket.objects.bulk_update(
        [story.ticket for story in moved], ["team", "assignee", "handoff_due_at", "updated_at"], batch_size=100
    )
    search.index_tickets([story.ticket.pk for story in moved])
    return [event for each in handed for event in _events(each)]


def _package(handed: Handed, articles: dict[str, Article]) -> package.Package:
    """Every article counts as found: no draft was there yet, or it was not used."""
    entry, ticket = handed.entry, handed.story.ticket
    seen = entry.get("signal", {"kind": "", "words": ""})
    used = [articles[slug] for slug in entry["articles"] if slug in articles]
    with _language(handed):
        texts = dict.fromkeys((*package.FACTS, *package.EDITABLE), "") | {
            "next": wording.next_step(entry["reason"], seen["kind"]),
            "customer": package.customer(ticket.customer, handed.sent_at),
            "signals": f"{signal(seen['kind'])} (“{seen['words']}”)" if seen["kind"] else "",
        }
    return package.Package(
        texts | entry["texts"], tuple(package.Article(each.pk, each.title, "found") for each in used)
    )


def _language(handed: Handed) -> translation.override:
    """That of the ticket, if the members write it to each other."""
    return translation.override("de" if handed.story.ticket.language == "de" else "en")


def _note(handed: Handed, told: package.Package | None) -> Message:
    with _language(handed):
        text = sending.as_text(told) if told else handed.entry["note"]
    by = handed.by
    return Message(
        ticket=handed.story.ticket,
        kind=Message.Kind.NOTE,
        author=by,
        text=text,
        from_name=by.name,
        from_email=by.email,
        created_at=handed.sent_at,
    )


def _escalation(handed: Handed, told: package.Package) -> Escalation:
    judged_at, judged_by = handed.who("judged") or (None, None)
    return Escalation(
        ticket=handed.story.ticket,
        note=handed.note,
        team=handed.team,
        from_team=handed.from_team,
        by=handed.by,
        reason=handed.entry["reason"],
        triggers=handed.entry["triggers"],
        package=sending.stored(handed.story.ticket, told)[0],
        sent_at=handed.sent_at,
        due_at=handed.due_at,
        undone_at=handed.undone_at,
        judgement=handed.entry["judged"]["as"] if judged_at else "",
        judged_by=judged_by,
        judged_at=judged_at,
    )


def _move(handed: Handed) -> None:
    """Tell the story of the transfer, and put the ticket where it is now."""
    story, ticket, note = handed.story, handed.story.ticket, handed.note
    if note is None:
        return
    story.messages = sorted([*story.messages, note], key=lambda message: message.created_at)
    was = handed.from_team.name if handed.from_team else ""
    told = {"was": was, "now": handed.team.name, "note": note.pk}
    story.transfers[note.pk] = told | ({"escalated": True} if handed.escalated else {})
    if not story.taken:
        story.taken.append((_took(handed), handed.by))
    if handed.undone_at:
        ticket.team = handed.from_team
        return
    taken = handed.who("taken")
    ticket.team, ticket.assignee = handed.team, taken[1] if taken else None
    ticket.handoff_due_at = None if taken or not handed.escalated else handed.due_at
    ticket.updated_at = max(ticket.updated_at, handed.sent_at, taken[0] if taken else handed.sent_at)
    if taken:
        story.taken.append(taken)


def _took(handed: Handed) -> datetime:
    """When the sender took the ticket: before the first thing that the sender wrote there."""
    first = next(each.created_at for each in handed.story.messages if each.author == handed.by)
    return max(handed.story.ticket.created_at, first - BEFORE)


def _events(handed: Handed) -> Iterator[TicketEvent]:
    ticket = handed.story.ticket
    if handed.undone_at:
        told = {"was": handed.team.name, "now": handed.from_team.name if handed.from_team else "nobody", "undone": True}
        yield TicketEvent(ticket=ticket, kind=Kind.TRANSFERRED, actor=handed.by, data=told, at=handed.undone_at)
    if judged := handed.who("judged"):
        told = {"judgement": handed.entry["judged"]["as"]}
        yield TicketEvent(ticket=ticket, kind=Kind.JUDGED, actor=judged[1], data=told, at=judged[0])
