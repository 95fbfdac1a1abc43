"""Files of messages, and those that wait in a composer until their message is sent."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from tickets.models.messages import Message
from tickets.models.stored_texts import shown
from tickets.models.tickets import Ticket

ICON = 32  # pixels; what is not larger is no picture to look at, but a line or a mark
HUGE = 50_000_000  # pixels; more would take a browser more than 200 MB


class StoredFile(models.Model):
    """`picture`: the format that its bytes have, if a browser may show it; "" otherwise. Width and height in pixels."""

    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120, help_text="As the sender says. Never used to show it")
    size = models.PositiveIntegerField(help_text="In bytes")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="%Y/%m", max_length=300, blank=True)
    picture = models.CharField(max_length=20, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.filename

    @property
    def has_preview(self) -> bool:
        """Whether it is shown where it stands: neither an icon nor too large for a browser."""
        return bool(self.file and self.picture) and min(self.width, self.height) > ICON and not self.is_huge

    @property
    def is_huge(self) -> bool:
        return self.width * self.height > HUGE

    @property
    def ending(self) -> str:
        """For the label in place of a preview: "PDF"."""
        return self.filename.rpartition(".")[2][:5].upper() if "." in self.filename else ""


class Attachment(StoredFile):
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    # RFC 2392, without angle brackets: the name under which the mail's HTML shows the picture.
    content_id = models.CharField(max_length=200, blank=True)
    refused = models.CharField(max_length=120, blank=True, help_text="Why the content was not stored")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(file="", refused=""), name="attachment_kept_or_refused"),
        ]

    @property
    def refused_shown(self) -> str:
        return shown(self.refused)


class Upload(StoredFile):
    """A file that a member has put into the composer of a ticket. When the message is sent it becomes an attachment."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="uploads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="uploads")
    for_note = models.BooleanField(default=False)
    # The browser makes one for each file, so that one that is sent twice is kept once.
    key = models.UUIDField(default=uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="Taken out; kept for a while, for the undo")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "owner", "key"], name="upload_once")]
