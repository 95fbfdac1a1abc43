"""The system of record: customers, tickets, messages, mails, events, members and their logins. Knows no AI."""

from tickets.models.api_tokens import ApiToken
from tickets.models.categories import Category
from tickets.models.customers import Customer
from tickets.models.events import TicketEvent
from tickets.models.files import Attachment, StoredFile, Upload
from tickets.models.logins import Attempt, LoginSession
from tickets.models.mails import InboundMail, OutgoingMail
from tickets.models.messages import Message
from tickets.models.people import Team, User
from tickets.models.recipients import Recipient
from tickets.models.saved_views import SavedView
from tickets.models.search import Term, TicketToIndex, Trigram
from tickets.models.tickets import Tag, Ticket, TicketQuerySet, new_token

__all__ = [
    "ApiToken",
    "Attachment",
    "Attempt",
    "Category",
    "Customer",
    "InboundMail",
    "LoginSession",
    "Message",
    "OutgoingMail",
    "Recipient",
    "SavedView",
    "StoredFile",
    "Tag",
    "Team",
    "Term",
    "Ticket",
    "TicketEvent",
    "TicketQuerySet",
    "TicketToIndex",
    "Trigram",
    "Upload",
    "User",
    "new_token",
]
