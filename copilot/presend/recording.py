"""Stores what a sent reply rests on, and with which warnings it was sent. The only writer of SentReply."""

from dataclasses import asdict

from copilot.models import SentReply
from copilot.presend.check import check
from copilot.presend.findings import Level
from copilot.presend.gathering import facts_for
from copilot.provenance.known import known_for
from copilot.provenance.origins import origins
from tickets.models import Message


def record(message: Message) -> None:
    """`message` comes with its ticket, the ticket's customer and its author."""
    sentences = origins(message.text, known_for(message.ticket))
    SentReply.objects.update_or_create(
        message=message, defaults={"sentences": [asdict(each) for each in sentences], "warnings": _warnings(message)}
    )


def _warnings(message: Message) -> list[dict[str, str]]:
    """Those of the rules: the sender has read them and sent it anyway, or sent it before they were there."""
    if message.author is None:
        return []
    attached = message.attachments.count()
    facts = facts_for(message.ticket, message.author, message.text, attached, sent=message.pk)
    found = check(message.text, facts)
    return [{"code": str(each.code), "words": each.words} for each in found if each.level is Level.WARNING]


def forget(message_id: int) -> None:
    """Sending was undone: the customer got nothing."""
    SentReply.objects.filter(message=message_id).delete()
