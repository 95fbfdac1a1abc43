"""Records automatic mail on the ticket that it is about. It is never answered."""

import re
from collections.abc import Sequence

from django.conf import settings

from tickets import lifecycle, live, timeline
from tickets.mail import recipient_rows
from tickets.mail.automatic import Automatic
from tickets.mail.mime import addresses
from tickets.mail.mime.parsing import ParsedMail
from tickets.models import Message, OutgoingMail, Ticket, TicketEvent

State = OutgoingMail.State
MAX_IDS = 60
MAX_PARTS = 10
MAX_HEAD = 100_000
_ID = re.compile(r"^[>\s]{0,20}message-id:\s{0,20}(?:<|&lt;)([^<>&\s]{1,990})(?:>|&gt;)", re.MULTILINE | re.IGNORECASE)


def note(why: Automatic, mail: ParsedMail, ticket: Ticket | None) -> Ticket | None:
    """Adds a line to the timeline. A reply that bounced counts as not sent. Returns the ticket, if there is one."""
    reply = _our_reply(mail) if why.kind in {"bounce", "delayed", "receipt"} else None
    if reply is not None:
        ticket = reply.ticket
    if ticket is None:
        return None
    status = mail.report.status if mail.report else ""
    timeline.record(ticket, TicketEvent.Kind.IGNORED_MAIL, mail=why.kind, reason=why.reason[:190], status=status)
    if why.kind == "bounce" and reply is not None and not status.startswith("4"):
        _mark_as_bounced(reply, why.reason, mail.report.failed if mail.report else ())
    live.ticket_changed(ticket.pk, "conversation", "timeline")
    return ticket


def _mark_as_bounced(mail: Message, reason: str, emails: Sequence[str]) -> None:
    """A second report, or one that comes between two tries, only says who else does not have it."""
    error = f"The mail came back. {reason}"
    changed = OutgoingMail.objects.filter(message=mail, state__in=[State.SENT, State.UNCERTAIN, State.SENDING]).update(
        state=State.FAILED, error=error[:300]
    )
    recipient_rows.bounced(mail, emails, error, known_only=not changed)
    if changed:
        told = {"message": mail.pk, "error": error[:200], "bounced": True}
        told |= {"forward": True} if mail.kind == Message.Kind.FORWARD else {}
        timeline.record(mail.ticket, TicketEvent.Kind.SEND_FAILED, None, **told)
        if mail.kind == Message.Kind.REPLY:
            lifecycle.set_status(mail.ticket, Ticket.Status.OPEN, why="reply came back")


def _our_reply(mail: ParsedMail) -> Message | None:
    """The mail of ours that a report is about: its id is in the machine-readable part or in the text. Else, of the
    ticket whose reply address is in the returned mail, the latest that went to whom the report names, or the latest
    reply."""
    returned = _returned_text(mail)
    ids = list(mail.report.original_ids) if mail.report else []
    ids += [*mail.in_reply_to, *mail.references[-MAX_IDS:], *_ID.findall(returned)]
    replies = Message.objects.filter(outgoing__isnull=False).select_related("ticket", "ticket__customer")
    known = replies.filter(message_id__in=ids[:MAX_IDS]).order_by("-pk").first()
    if known is not None:
        return known
    local, _, domain = settings.SUPPORT_ADDRESS.partition("@")
    tokens = re.findall(rf"{re.escape(local)}\+([0-9a-z]{{8,32}})@{re.escape(domain)}", returned, re.IGNORECASE)
    sent = replies.filter(ticket__reply_token__in=[token.lower() for token in tokens[:MAX_IDS]])
    sent = sent.filter(outgoing__state__in=[State.SENT, State.UNCERTAIN]).order_by("-pk")
    named = [addresses.normal(each) for each in mail.report.failed] if mail.report else []
    went = sent.filter(recipients__email__in=named).first() if named else None
    return went or sent.filter(kind=Message.Kind.REPLY).first()


def _returned_text(mail: ParsedMail) -> str:
    """Where the headers of our mail may be: in the text, or in an attached mail or headers."""
    texts = [piece.plain or piece.html for piece in mail.body.pieces[:MAX_PARTS]]
    kinds = ("message/", "text/rfc822-headers", "text/plain")
    attached = [part for part in mail.attachments if part.content_type.startswith(kinds)]
    texts += [part.content[:MAX_HEAD].decode("utf-8", "replace") for part in attached[:MAX_PARTS]]
    return "\n".join(text[:MAX_HEAD] for text in texts)
