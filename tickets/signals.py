"""News for whoever is interested; sent on commit, with ids only."""

from django.dispatch import Signal

# A customer wrote: message_id, ticket_id.
message_received = Signal()
# An agent wrote a reply: message_id, ticket_id, prepared (the composer's opaque reference, or "").
reply_written = Signal()
# A reply was taken back within the undo window: message_id, ticket_id.
reply_undone = Signal()
# The ticket is closed: ticket_id.
ticket_closed = Signal()
# Closing was undone: ticket_id, since (when it had been closed).
closing_undone = Signal()
