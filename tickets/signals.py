"""Signals of the desk, sent by config/signal_delivery.py. Each one lists its arguments."""

from django.dispatch import Signal

# A customer wrote: message_id, ticket_id. Sender: Message.
message_received = Signal()
# An agent wrote a reply: message_id, ticket_id. Message.composition says how it was put together. Sender: Message.
reply_written = Signal()
# A reply was undone within the undo window: message_id, ticket_id. Sender: Message.
reply_undone = Signal()
# The ticket is closed: ticket_id. Sender: Ticket.
ticket_closed = Signal()
# A transfer was undone: message_id (its note), ticket_id. Sender: Ticket.
transfer_undone = Signal()
# Closing was undone: ticket_id, event_id (the event of the closing, which no longer counts). Sender: Ticket.
closing_undone = Signal()
