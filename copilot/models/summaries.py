"""What a ticket's messages say in a few lines, so that nobody has to read all of them first."""

from django.db import models
from django.utils import timezone

from tickets.models import Message, Ticket


class ThreadSummary(models.Model):
    """Made of `messages` messages, the last of which is `upto`; summaries/ is the only writer. Personal data is masked.

    `lines`: {about, text, messages, written}. `about` is one of About; `messages` are the ids of those that say it;
    `written` by the model and checked against them, otherwise their own words.
    """

    class About(models.TextChoices):
        ASKED = "asked"
        TRIED = "tried"
        FAILED = "failed"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="summaries")
    upto = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    messages = models.PositiveIntegerField(default=0, help_text="that there were; 0 in old rows, which do not hold")
    urgent = models.BooleanField(default=False, help_text="somebody waits for it, so the model writes it first")
    lines = models.JSONField(default=list)
    finished_at = models.DateTimeField(null=True, blank=True, help_text="empty while it is made, or if it failed")
    failed_at = models.DateTimeField(null=True, blank=True, help_text="when it was given up")
    touched_at = models.DateTimeField(default=timezone.now, help_text="by the process that makes it")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"summary of ticket {self.ticket_id}"
