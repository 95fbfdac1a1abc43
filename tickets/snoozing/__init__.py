"""Tickets that are put off: until when, and waking them. `lifecycle.snooze` writes it."""
