"""Automatic mail about a ticket: noted on it, never answered."""

import re

from tickets import lifecycle, live, timeline
from tickets.automatic import Automatic
from tickets.mime import ParsedMail
from tickets.models import Message, OutgoingMail, Ticket, TicketEvent

State = OutgoingMail.State


def note(why: Automatic, mail: ParsedMail, ticket: Ticket | None) -> Ticket | None:
    """One line on the ticket concerned; a reply that bounced is one that was not delivered."""
    reply = _our_reply(mail) if why.kind in {"bounce", "delayed", "receipt"} else None
    if reply is not None:
        ticket = reply.ticket
    if ticket is None:
        return None
    status = mail.report.status if mail.report else ""
    timeline.record(ticket, TicketEvent.Kind.IGNORED_MAIL, mail=why.kind, reason=why.reason[:190], status=status)
    if why.kind == "bounce" and reply is not None and not status.startswith("4"):
        _undelivered(reply, why.reason)
    live.ticket_changed(ticket.pk, "conversation", "timeline")
    return ticket


def _undelivered(reply: Message, reason: str) -> None:
    changed = OutgoingMail.objects.filter(message=reply, state__in=[State.SENT, State.UNSURE, State.SENDING]).update(
        state=State.FAILED, error=f"came back: {reason}"[:300]
    )
    if changed:
        timeline.record(reply.ticket, TicketEvent.Kind.SEND_FAILED, message=reply.pk, error="came back", bounced=True)
        lifecycle.set_status(reply.ticket, Ticket.Status.OPEN, why="reply came back")


def _our_reply(mail: ParsedMail) -> Message | None:
    """The reply of ours that a report is about: named in its machine-readable part or in its text."""
    ids = list(mail.report.original_ids) if mail.report else []
    ids += [*mail.in_reply_to, *mail.references]
    for piece in mail.body.pieces:
        ids += re.findall(r"^message-id:\s*<([^<>\s]+)>", piece.plain[:100_000], re.MULTILINE | re.IGNORECASE)
    replies = Message.objects.filter(kind=Message.Kind.REPLY, message_id__in=ids[:60])
    return replies.select_related("ticket", "ticket__customer").order_by("-pk").first()
