"""Full-text search over tickets: subject, messages and customer."""

from config.words.fulltext import FullTextIndex
from tickets.models import Message, Ticket

INDEX = FullTextIndex("tickets_fulltext", ("subject", "people", "said"), (4.0, 3.0, 1.0))


def index_ticket(ticket: Ticket) -> None:
    """Call it after adding a message, inside the same transaction."""
    texts = "\n".join(Message.objects.filter(ticket=ticket).values_list("text", flat=True))
    people = f"{ticket.customer.name} {ticket.customer.email}"
    INDEX.put(ticket.pk, (f"{ticket.subject} {ticket.pk}", people, texts))


def search_tickets(query: str, limit: int = 100) -> list[int]:
    """Ids of matching tickets, best first. Every word must occur; the end of a word may be missing."""
    return [ticket_id for ticket_id, _ in INDEX.search(query, limit, match_all=True)]
