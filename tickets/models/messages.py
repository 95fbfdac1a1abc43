"""Messages on a ticket."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.models.tickets import Ticket


class Message(models.Model):
    """What somebody wrote on a ticket. `text` holds the new words, `quoted` quotations and the signature.

    Of a forward `quoted` is what was forwarded.
    """

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("From the customer")
        REPLY = "reply", _("Reply to the customer")
        NOTE = "note", _("Internal note")
        FORWARD = "forward", _("Forwarded to others")
        OTHER = "other", _("From somebody else")

    # What the customer wrote and got. Of the others they know nothing: notes, what was forwarded, and answers to that.
    WITH_CUSTOMER = (Kind.CUSTOMER, Kind.REPLY)

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text="Sanitized. Empty for plain-text mail")
    formatted = models.BooleanField(default=False, help_text="The HTML says more than the text, so it is shown first")
    from_name = models.CharField(max_length=200, blank=True)
    from_email = models.CharField(max_length=254, blank=True)
    # RFC 5322 Message-ID without angle brackets; null where there is none (notes, web form).
    message_id = models.CharField(max_length=500, null=True, blank=True, unique=True)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.TextField(blank=True, help_text="Message-IDs separated by spaces, oldest first")
    # The browser makes one for each reply, so that pressing Send twice sends once.
    submission = models.UUIDField(null=True, blank=True, unique=True)
    # How the reply was written (tickets/composition.py). The composer gets it back when sending is undone.
    composition = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["ticket", "created_at"], name="message_ticket")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["customer", "other"]) | Q(author__isnull=False), name="message_ours_has_author"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
