"""What may not be sent, whoever asks and with or without a browser. Registered with `tickets.refusing`."""

from copilot.presend.check import blocks
from copilot.presend.gathering import facts_for
from tickets.models import Ticket, User


def refuse(ticket: Ticket, member: User, text: str, attachments: int) -> list[str]:
    return [each.message for each in blocks(text, facts_for(ticket, member, text, attachments, thorough=False))]
