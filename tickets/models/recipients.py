"""To whom a mail went, or goes."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.models.messages import Message
from tickets.models.stored_texts import shown


class Recipient(models.Model):
    """One address of a mail: of a reply those that it is sent to, of a customer's mail those in To and Cc but ours.

    Notes and messages from forms have none.
    """

    class Kind(models.TextChoices):
        TO = "to", pgettext_lazy("of a mail", "To")
        CC = "cc", _("Cc")
        BCC = "bcc", _("Bcc")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="recipients")
    kind = models.CharField(max_length=3, choices=Kind)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254)
    # Of a reply: the mail server has taken the mail for this address, so it is not sent there again.
    accepted = models.BooleanField(default=False)
    # Of a reply: why the mail server did not take it for this address, or what its report says. English.
    refused = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["message", "email"], name="recipient_once"),
            models.CheckConstraint(condition=models.Q(kind__in=["to", "cc", "bcc"]), name="recipient_kind_known"),
        ]

    @property
    def refused_shown(self) -> str:
        return shown(self.refused)

    def __str__(self) -> str:
        return self.name or self.email
