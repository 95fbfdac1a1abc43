"""What was found out about a customer's message before anybody opens it, and what a ticket's placeholders stand for."""

from django.db import models
from django.utils import timezone

from tickets.models import Message, Ticket


class Preparation(models.Model):
    """The outcome of each step for one customer message; preparation/pipeline.py is the only writer.

    `steps`: name -> {version, basis, reason, degraded, ms, at, outcome}, personal data masked. `basis` is a digest of
    the values that the step was given: another digest today means that it must run again.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="prepared")
    steps = models.JSONField(default=dict)
    search_version = models.CharField(max_length=64, help_text="digest of `made_with`: another digest means outdated")
    made_with = models.JSONField(default=dict, help_text="articles, search settings and models, versions of the steps")
    answers_from = models.CharField(max_length=64, blank=True, help_text="digest of question, language and evidence")
    degraded = models.CharField(max_length=20, blank=True, help_text="made without a part that was down")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["search_version"], name="preparation_version")]

    def __str__(self) -> str:
        return f"preparation of message {self.message_id}"


class MaskedValue(models.Model):
    """What a numbered placeholder stands for on its ticket: personal data, so it is deleted with the ticket.

    redaction/values.py is the only writer and reader: `value` is encrypted, and the same value is found by its
    `fingerprint`. Rows are only ever added: a placeholder never changes its meaning. The customer's own name, address
    and number are not here; they are read from the customer's record.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="masked_values")
    placeholder = models.CharField(max_length=40)
    value = models.TextField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["fingerprint"], name="masked_value_fingerprint")]
        constraints = [models.UniqueConstraint(fields=["ticket", "placeholder"], name="masked_value_once")]

    def __str__(self) -> str:
        return f"{self.placeholder} of ticket {self.ticket_id}"
