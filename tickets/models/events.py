"""The timeline of a ticket."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.tickets import Ticket


class TicketEvent(models.Model):
    """One line of the timeline. Append-only: the database refuses updates."""

    class Kind(models.TextChoices):
        STARTED = "started", _("Started by us")
        RECEIVED = "received", _("Message received")
        REPLIED = "replied", _("Reply written")
        FORWARDED = "forwarded", _("Forwarded")
        SENT = "sent", _("Reply sent")
        SEND_FAILED = "send_failed", _("Reply not sent")
        SEND_UNCERTAIN = "send_unsure", _("Sending uncertain")
        SEND_UNDONE = "send_undone", _("Sending undone")
        NOTED = "noted", _("Note added")
        ASSIGNED = "assigned", _("Assigned")
        TRANSFERRED = "handed_over", _("Transferred")
        JUDGED = "judged", _("Escalation judged")
        STATUS = "status", _("Status")
        PRIORITY = "priority", _("Priority")
        CATEGORY = "category", _("Category")
        TAGGED = "tagged", _("Tags")
        IGNORED_MAIL = "ignored_mail", _("Automatic mail ignored")
        PREPARED = "prepared", _("Copilot")
        ROUTED = "routed", _("Routed")
        SIGNAL = "signal", _("Signal")
        REVIEWED = "reviewed", _("Draft reviewed")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["ticket", "at"], name="event_ticket"),
            # To find the ticket that an earlier try has started (tickets/starting).
            models.Index(fields=["actor"], name="event_started", condition=Q(kind="started")),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The timeline is append-only; record a new event instead.")
        super().save(*args, **kwargs)
