"""Turns the stories in the files into tickets, messages, mails and timelines of the past.

Rows are written directly: no mail and no signal is sent.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from demo import files
from demo.people import team_slug
from tickets import search
from tickets.models import Customer, Message, OutgoingMail, Recipient, Tag, Team, Ticket, TicketEvent, User

Kind = TicketEvent.Kind
Status = Ticket.Status


@dataclass
class Cast:
    """Members, teams and customers by the names in the stories."""

    users: dict[str, User]
    teams: dict[str, Team]
    customers: dict[str, Customer]
    now: datetime


@dataclass
class Story:
    """One ticket with its rows. `messages` are in the order of the file, until notes of transfers come in between.

    `transfers`: what the timeline says of a transfer, by the id of its note. `taken`: who took the ticket when; where
    nobody is named, the assignee did.
    """

    data: dict[str, Any]
    ticket: Ticket
    messages: list[Message] = field(default_factory=list)
    transfers: dict[int, dict[str, Any]] = field(default_factory=dict)
    taken: list[tuple[datetime, User]] = field(default_factory=list)

    @property
    def latest_from_customer(self) -> Message:
        return [message for message in self.messages if message.kind == Message.Kind.CUSTOMER][-1]

    def reply_after(self, index: int) -> Message | None:
        return next((each for each in self.messages[index + 1 :] if each.kind == Message.Kind.REPLY), None)


def write(stories: list[dict[str, Any]], cast: Cast, replies: dict[str, str]) -> list[Story]:
    """Write all rows except drafts. `replies` has the texts for “=draft”, by key of the story."""
    written = [Story(data, _ticket(data, cast)) for data in stories]
    Ticket.objects.bulk_create([story.ticket for story in written], batch_size=200)
    for story in written:
        story.messages = [
            _message(story, number, entry, cast, replies) for number, entry in enumerate(story.data["messages"])
        ]
    Message.objects.bulk_create([message for story in written for message in story.messages], batch_size=200)
    for story in written:
        for message, entry in zip(story.messages, story.data["messages"], strict=True):
            files.attach(message, entry)
        _derive(story, cast)
    Ticket.objects.bulk_update(
        [story.ticket for story in written],
        ["first_response_at", "waiting_since", "preview", "closed_at", "updated_at"],
        batch_size=100,
    )
    _tag(written)
    mails = [mail for story in written for mail in _mails(story)]
    OutgoingMail.objects.bulk_create(mails, batch_size=200)
    sent_to = [Recipient(message=mail.message, kind="to", email=_customer_of(mail), accepted=True) for mail in mails]
    Recipient.objects.bulk_create(sent_to, batch_size=200)
    search.index_tickets([story.ticket.pk for story in written])
    return written


def _ticket(data: dict[str, Any], cast: Cast) -> Ticket:
    created = cast.now - timedelta(days=data["age_days"])
    return Ticket(
        customer=cast.customers[data["customer"]],
        subject=data["subject"][:300],
        status=data["status"],
        priority=data["priority"],
        category_id=data["category"],
        channel=data["channel"],
        language=data["language"],
        team=cast.teams[team_slug(data["team"])],
        assignee=cast.users[data["assignee"]] if data["assignee"] else None,
        created_at=created,
        waiting_since=created,
        closed_at=cast.now if data["status"] == Status.CLOSED else None,
    )


def _message(story: Story, number: int, entry: dict[str, Any], cast: Cast, replies: dict[str, str]) -> Message:
    customer = story.ticket.customer
    ours = entry["from"] != "customer"
    kind = Message.Kind.NOTE if entry["kind"] == "note" else Message.Kind.REPLY if ours else Message.Kind.CUSTOMER
    by_mail = kind == Message.Kind.REPLY or (
        kind == Message.Kind.CUSTOMER and story.ticket.channel == Ticket.Channel.EMAIL
    )
    author = cast.users[entry["from"]] if ours else None
    written, says_more = files.formatted(entry["text"], entry.get("files", ()))
    return Message(
        ticket=story.ticket,
        kind=kind,
        author=author,
        text=replies[story.data["key"]] if entry["text"] == "=draft" else entry["text"],
        html=written,
        formatted=says_more,
        from_name=author.name if author else customer.name,
        from_email=author.email if author else customer.email,
        message_id=f"demo-{story.data['key']}-{number}@tallybird.example" if by_mail else None,
        created_at=min(story.ticket.created_at + timedelta(minutes=entry["after_minutes"]), cast.now),
    )


def _derive(story: Story, cast: Cast) -> None:
    """Set the times and the preview that follow from the messages."""
    ticket = story.ticket
    said = [message for message in story.messages if message.kind != Message.Kind.NOTE]
    replies = [message for message in said if message.kind == Message.Kind.REPLY]
    ticket.first_response_at = replies[0].created_at if replies else None
    for before, after in zip([None, *said], said, strict=False):
        if after.kind == Message.Kind.CUSTOMER and (before is None or before.kind == Message.Kind.REPLY):
            ticket.waiting_since = after.created_at
    ticket.preview = " ".join(story.latest_from_customer.text.split())[:160]
    last = story.messages[-1].created_at
    ticket.updated_at = last
    if ticket.status == Status.CLOSED:
        ticket.closed_at = ticket.updated_at = min(last + timedelta(minutes=4), cast.now)


def _tag(stories: list[Story]) -> None:
    names = {name for story in stories for name in story.data["tags"]}
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
    tags = {tag.name: tag for tag in Tag.objects.filter(name__in=names)}
    through = Ticket.tags.through
    through.objects.bulk_create(
        [
            through(ticket_id=story.ticket.pk, tag_id=tags[name].pk)
            for story in stories
            for name in dict.fromkeys(story.data["tags"])
        ]
    )


def _mails(story: Story) -> list[OutgoingMail]:
    return [
        OutgoingMail(
            message=message,
            subject=f"Re: {story.ticket.subject}"[:320],
            state=OutgoingMail.State.SENT,
            send_after=message.created_at,
            attempts=1,
            sent_at=message.created_at + timedelta(seconds=9),
        )
        for message in story.messages
        if message.kind == Message.Kind.REPLY
    ]


def _customer_of(mail: OutgoingMail) -> str:
    return str(mail.message.ticket.customer.email)


def timeline(story: Story) -> list[TicketEvent]:
    """The events of a ticket's timeline, except those of drafts."""
    ticket, events = story.ticket, []

    def add(kind: Kind, at: datetime, actor: User | None = None, **data: Any) -> None:
        events.append(TicketEvent(ticket=ticket, kind=kind, actor=actor, data=data, at=at))

    for at, member in story.taken or _taken(story):
        add(Kind.ASSIGNED, at, member, was="", now=member.name)
    status = str(Status.OPEN)
    for message in story.messages:
        status = _said(story, message, status, add)
    if status != ticket.status and ticket.status != Status.CLOSED:
        add(Kind.STATUS, story.messages[-1].created_at, ticket.assignee, was=status, now=ticket.status, why="")
    if ticket.closed_at:
        if story.data["tags"]:
            add(Kind.TAGGED, ticket.closed_at, ticket.assignee, added=story.data["tags"])
        add(Kind.STATUS, ticket.closed_at, ticket.assignee, was=status, now="closed", why="closed and tagged")
    return events


def _taken(story: Story) -> list[tuple[datetime, User]]:
    ticket = story.ticket
    if ticket.assignee is None:
        return []
    first = next((each.created_at for each in story.messages if each.author), ticket.created_at + timedelta(minutes=6))
    return [(max(ticket.created_at, first - timedelta(minutes=3)), ticket.assignee)]


def _said(story: Story, message: Message, status: str, add: Any) -> str:
    """Add the events of one message. Returns the ticket's status after it."""
    at = message.created_at
    if message.kind == Message.Kind.NOTE:
        transfer = story.transfers.get(message.pk)
        if transfer is None:
            add(Kind.NOTED, at, message.author, message=message.pk)
            return status
        add(Kind.TRANSFERRED, at, message.author, **transfer)
        if status != Status.OPEN:
            add(Kind.STATUS, at, message.author, was=status, now="open", why="transferred")
        return str(Status.OPEN)
    if message.kind == Message.Kind.CUSTOMER:
        add(Kind.RECEIVED, at, message=message.pk, channel=story.ticket.channel)
        if status != Status.OPEN:
            add(Kind.STATUS, at, was=status, now="open", why="customer wrote")
        return str(Status.OPEN)
    add(Kind.REPLIED, at, message.author, message=message.pk)
    add(Kind.SENT, at + timedelta(seconds=9), message=message.pk)
    if status != Status.PENDING:
        add(Kind.STATUS, at, message.author, was=status, now="pending", why="replied")
    return str(Status.PENDING)
