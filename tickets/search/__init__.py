"""Full-text search over tickets, on SQLite and PostgreSQL alike: what is typed (`query`) → the index (`index`) and the
desk's own words, for typos (`vocabulary`) → the tickets found (`finding`) → their marked rows (`marking`).

Whoever changes a text of a ticket calls `index_ticket` in the same transaction.
"""

from tickets.search.finding import find, search_tickets
from tickets.search.index import INDEX, forget_all, index_ticket, index_tickets, renew

__all__ = ["INDEX", "find", "forget_all", "index_ticket", "index_tickets", "renew", "search_tickets"]
