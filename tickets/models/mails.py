"""Outgoing mail, and one row for each incoming mail."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.messages import Message
from tickets.models.stored_texts import shown
from tickets.models.tickets import Ticket


class OutgoingMail(models.Model):
    """A reply on its way out (tickets/outbox.py is the only writer).

    queued → sending → sent or failed. If the mail server's answer is missing the mail may or may not have
    been sent: uncertain, until a member decides.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        UNCERTAIN = "uncertain", _("Uncertain")
        UNDONE = "undone", _("Undone")

    NOT_SENT = (State.FAILED, State.UNDONE)  # for certain

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="outgoing")
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

    @property
    def error_shown(self) -> str:
        return shown(self.error)


class InboundMail(models.Model):
    """An incoming mail and its result. Every mail that arrives has a row here."""

    class Action(models.TextChoices):
        CREATED = "created", _("New ticket")
        THREADED = "threaded", _("Added to a ticket")
        IGNORED = "ignored", _("Ignored")
        QUARANTINED = "quarantined", _("Quarantined")

    # The Message-ID, or the SHA-256 of a mail without one: a mail that arrives twice has one row.
    identity = models.CharField(max_length=500, unique=True)
    action = models.CharField(max_length=12, choices=Action)
    reason = models.CharField(max_length=200, blank=True)
    from_email = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    raw_path = models.CharField(max_length=200, help_text="Under MAIL_DIR")
    size = models.PositiveIntegerField(help_text="In bytes")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="inbound")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True, blank=True, help_text="The Date header of the mail")
    resolved_at = models.DateTimeField(null=True, blank=True, help_text="When a member decided about it")

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

    @property
    def reason_shown(self) -> str:
        return shown(self.reason)
