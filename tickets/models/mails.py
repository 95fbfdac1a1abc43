"""Mails on their way out, and what became of those that came in."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tickets.models.messages import Message
from tickets.models.tickets import Ticket


class OutgoingMail(models.Model):
    """A reply on its way out (tickets/outbox.py is the only writer).

    queued → sending → sent or failed. If the mail server's answer is missing the mail may or may not have
    been sent: uncertain, until a member decides.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"
        UNCERTAIN = "uncertain", "Uncertain"
        UNDONE = "undone", "Undone"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="outgoing")
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=320)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    send_after = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "send_after"], name="outgoing_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed", "uncertain", "undone"]),
                name="outgoing_state_known",
            ),
        ]


class InboundMail(models.Model):
    """What became of each mail that arrived. Nothing that arrives is ever without a row here."""

    class Action(models.TextChoices):
        CREATED = "created", "New ticket"
        THREADED = "threaded", "Added to a ticket"
        IGNORED = "ignored", "Ignored"
        QUARANTINED = "quarantined", "Quarantined"

    # Message-ID, or sha256 of the raw mail where it has none: the same mail twice is one row.
    identity = models.CharField(max_length=500, unique=True)
    action = models.CharField(max_length=12, choices=Action)
    reason = models.CharField(max_length=200, blank=True)
    from_email = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    raw_path = models.CharField(max_length=200, help_text="under MAIL_DIR")
    size = models.PositiveIntegerField(help_text="bytes")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="inbound")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True, blank=True, help_text="the mail's own Date")
    resolved_at = models.DateTimeField(null=True, blank=True, help_text="when a person dealt with a quarantined mail")

    class Meta:
        indexes = [models.Index(fields=["action", "-received_at"], name="inbound_action")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(action__in=["created", "threaded"])
                | Q(ticket__isnull=False)
                | Q(resolved_at__isnull=False),
                name="inbound_kept_somewhere",
            ),
        ]
