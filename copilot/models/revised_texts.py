"""What agents had done with the text in the composer."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from copilot.models.drafts import Draft
from tickets.models import Ticket


class RevisedText(models.Model):
    """One request to revise the text in the composer; revising/views.py is the only writer.

    `before` and `after` are masked. `after` stays empty if the agent stopped it, or it failed.
    """

    class Action(models.TextChoices):
        SHORTER = "shorter", _("Shorter")
        WARMER = "warmer", _("Warmer")
        SIMPLER = "simpler", _("Simpler")
        TRANSLATE = "translate", _("Translate")
        ASK = "ask", _("Ask for what is missing")
        INSTRUCT = "instruct", _("Own instruction")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="revised_texts")
    draft = models.ForeignKey(Draft, null=True, on_delete=models.SET_NULL, related_name="revised_texts")
    action = models.CharField(max_length=10, choices=Action)
    language = models.CharField(max_length=8, blank=True, help_text="into which it was translated")
    instruction = models.CharField(max_length=600, blank=True, help_text="as the agent wrote it, masked")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.action} of ticket {self.ticket_id}"
