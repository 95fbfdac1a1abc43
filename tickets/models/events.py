"""What was done on a ticket: its timeline."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from tickets.models.tickets import Ticket


class TicketEvent(models.Model):
    """One line of a ticket's timeline. Append-only: the database refuses updates."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "Message received"
        REPLIED = "replied", "Reply written"
        SENT = "sent", "Reply sent"
        SEND_FAILED = "send_failed", "Reply not sent"
        SEND_UNCERTAIN = "send_unsure", "Sending uncertain"
        SEND_UNDONE = "send_undone", "Sending undone"
        NOTED = "noted", "Note"
        ASSIGNED = "assigned", "Assigned"
        TRANSFERRED = "handed_over", "Transferred"
        STATUS = "status", "Status"
        PRIORITY = "priority", "Priority"
        TAGGED = "tagged", "Tags"
        IGNORED_MAIL = "ignored_mail", "Automatic mail ignored"
        PREPARED = "prepared", "Copilot"
        REVIEWED = "reviewed", "Draft reviewed"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["ticket", "at"], name="event_ticket")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The timeline is append-only; record a new event instead.")
        super().save(*args, **kwargs)
