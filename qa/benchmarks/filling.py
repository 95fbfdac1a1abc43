"""Fills an empty database with so many tickets, as they are after two years of work: 4 of 100 are open, 3 wait for the
customer. Most rows never leave the database, which makes them from a series of numbers: a million tickets in minutes.

Numbers of tickets are in the order of time, as in life: what is new lies together. So a larger desk is filled anew.
Not filled, because no measured page reads it: raw mail, files, articles, and what drafts are made from.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from config import statistics
from copilot.models import Draft
from qa.benchmarks import rows, texts
from qa.benchmarks.rows import Plan
from qa.benchmarks.sql import dialect, run
from tickets.models import Category, Customer, Message, OutgoingMail, Recipient, Tag, Team, Ticket, TicketEvent, User
from tickets.search import index_ticket, vocabulary

CHUNK = 50_000  # tickets in one transaction
MADE_UP = 60_000  # words
THREAD = 200  # messages of the longest ticket
AGENTS = 12
PARTS = (rows.tickets, rows.messages, rows.mails, rows.events, rows.tags, rows.drafts, rows.full_text)
TEAMS = ("Billing", "Technical", "Accounts", "First line")


@dataclass(frozen=True)
class Filled:
    """What there is to look at."""

    agent: User
    lead: User
    longest: Ticket


def fill(tickets: int, say: Callable[[str], None] = lambda _: None) -> Filled:
    if Ticket.objects.exists():
        raise ValueError("This database is in use.")
    now, begun = timezone.now(), time.monotonic()
    members = _members()
    plan = Plan(
        tickets,
        dialect(now),
        [agent.pk for agent in members[1:]],
        [team.pk for team in Team.objects.order_by("pk")],
        list(Category.objects.values_list("slug", flat=True)),
        [tag.pk for tag in Tag.objects.bulk_create(Tag(name=name) for name in texts.TAGS)],
    )
    with _fast():
        for first, last in _chunks(plan.customers):
            rows.customers(plan, first, last)
        for first, last in _chunks(tickets):
            with transaction.atomic():
                for part in PARTS:
                    part(plan, first, last)
            say(f"{last} of {tickets} tickets, {time.monotonic() - begun:.0f} s")
        _count_on()
    _learn_words(tickets)
    longest = _long_thread(plan, now)
    if plan.sql.postgresql:  # it does this by itself sooner or later, and how it finds rows depends on it
        run("VACUUM (ANALYZE)")
    statistics.refresh()
    return Filled(members[1], members[0], longest)


def _chunks(count: int) -> Iterator[tuple[int, int]]:
    for first in range(1, count + 1, CHUNK):
        yield first, min(count, first + CHUNK - 1)


@contextmanager
def _fast() -> Iterator[None]:
    """Nothing has to survive a loss of power meanwhile. The next connection has the settings of the desk again."""
    if connection.vendor == "sqlite":
        connection.disable_constraint_checking()  # type: ignore[no-untyped-call]
        for pragma in ("synchronous = OFF", "cache_size = -300000"):
            run(f"PRAGMA {pragma}")
    else:
        run("SET synchronous_commit = off")
        with suppress(DatabaseError):  # only a superuser may leave out the checks of foreign keys
            run("SET session_replication_role = replica")
    try:
        yield
    finally:
        connection.enable_constraint_checking()  # type: ignore[no-untyped-call]
        connection.close()


def _members() -> list[User]:
    """The lead, then the agents, each in one team."""
    teams = Team.objects.bulk_create(Team(name=name, slug=name.lower().replace(" ", "-")) for name in TEAMS)
    names = [("lead", "lead"), *((f"agent{number}", "agent") for number in range(1, AGENTS + 1))]
    members = User.objects.bulk_create(
        User(
            username=username,
            email=f"{username}@tallybird.example",
            first_name=texts.FIRST_NAMES[place],
            last_name=texts.LAST_NAMES[-1 - place],
            role=role,
        )
        for place, (username, role) in enumerate(names)
    )
    for place, member in enumerate(members):
        member.teams.add(teams[place % len(teams)])
    return members


def _learn_words(tickets: int) -> None:
    """The words of the tickets, and made-up ones: customers of a real desk have more words than texts.py."""
    said = [*texts.words(), *texts.made_up(min(MADE_UP, tickets // 2))]
    parts = (said[start : start + vocabulary.NEW] for start in range(0, len(said), vocabulary.NEW))
    with transaction.atomic():
        vocabulary.learn({number: " ".join(part) for number, part in enumerate(parts, start=1)})


def _count_on() -> None:
    """On PostgreSQL, rows with numbers of our own do not move the sequence that the next number comes from."""
    for statement in connection.ops.sequence_reset_sql(
        no_style(), [Customer, Ticket, Message, OutgoingMail, Recipient]
    ):
        run(statement)


def _long_thread(plan: Plan, now: datetime) -> Ticket:
    """Customer and agent write in turns, from its first message until now. All else is the same in every size."""
    same = {"assignee": plan.agents[0], "team": plan.teams[0], "channel": "email", "preparation": "ready"}
    Ticket.objects.filter(pk=plan.longest).update(**same, handoff_due_at=None)
    Draft.objects.filter(ticket=plan.longest).update(state="ready")
    ticket = Ticket.objects.select_related("customer").get(pk=plan.longest)
    ticket.tags.set(plan.tags[:2])
    step = (now - ticket.created_at) / (THREAD + 1)
    agent, messages = User.objects.get(pk=plan.agents[0]), []
    for place in range(2, THREAD):
        reply = place % 2 == 1
        messages.append(
            Message(
                ticket=ticket,
                kind="reply" if reply else "customer",
                author=agent if reply else None,
                text=f"{(texts.ANSWERS if reply else texts.DETAILS)[place % 8]}. This is message {place}.",
                from_name="Support" if reply else ticket.customer.name,
                from_email="support@tallybird.example" if reply else ticket.customer.email,
                message_id=f"thread{place}@mail.example",
                created_at=ticket.created_at + timedelta(minutes=4) + step * place,
            )
        )
    Message.objects.bulk_create(messages)
    _sent_and_received(ticket, messages)
    index_ticket(ticket)
    return ticket


def _sent_and_received(ticket: Ticket, messages: list[Message]) -> None:
    """The mails of our messages, and an event of each message."""
    replies = [each for each in messages if each.kind == "reply"]
    OutgoingMail.objects.bulk_create(
        OutgoingMail(message=each, subject=ticket.subject, state="sent", sent_at=each.created_at) for each in replies
    )
    Recipient.objects.bulk_create(
        Recipient(message=each, kind="to", email=ticket.customer.email, accepted=True) for each in replies
    )
    TicketEvent.objects.bulk_create(
        TicketEvent(
            ticket=ticket,
            kind="sent" if each.kind == "reply" else "received",
            actor=each.author,
            data={"message": each.pk},
            at=each.created_at,
        )
        for each in messages
    )
