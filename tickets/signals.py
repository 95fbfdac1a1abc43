"""Signals of the desk, sent by config/signal_delivery.py. Each one lists its arguments."""

from django.dispatch import Signal

# A customer wrote: message_id, ticket_id. Sender: Message.
message_received = Signal()
# An agent wrote a reply: message_id, ticket_id. How it was put together stands in Message.composition. Sender: Message.
reply_written = Signal()
# A reply was taken back within the undo window: message_id, ticket_id. Sender: Message.
reply_undone = Signal()
# The ticket is closed: ticket_id. Sender: Ticket.
ticket_closed = Signal()
# Closing was undone: ticket_id, event_id (the timeline's line of the closing that does not count). Sender: Ticket.
closing_undone = Signal()
