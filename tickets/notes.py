"""Internal notes: written once per submission, never mailed."""

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction

from tickets import live, search, timeline, uploads
from tickets.models import Message, Ticket, TicketEvent, User


def write(
    ticket: Ticket, author: User, text: str, submission: UUID | None = None, files: Sequence[int] = ()
) -> Message:
    """A browser that does not know whether its note arrived sends it again with the same `submission`.

    `files`: uploads of the author, which become attachments. Raises uploads.Gone or NotTaken.
    """
    before = _submitted(submission)
    if before is not None:
        return before
    try:
        with transaction.atomic():
            message = Message.objects.create(
                ticket=ticket, kind=Message.Kind.NOTE, author=author, text=text, submission=submission
            )
            uploads.attach(message, files)
            timeline.record(ticket, TicketEvent.Kind.NOTED, author, message=message.pk)
            search.index_ticket(ticket)
            live.ticket_changed(ticket.pk, "conversation", "timeline")
    except IntegrityError:
        before = _submitted(submission)
        if before is None:
            raise
        return before
    return message


def _submitted(submission: UUID | None) -> Message | None:
    return Message.objects.filter(submission=submission).first() if submission else None
