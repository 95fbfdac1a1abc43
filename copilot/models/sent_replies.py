"""What the sentences of a sent reply rest on, and the warnings it was sent with."""

from django.db import models
from django.utils import timezone

from tickets.models import Message


class SentReply(models.Model):
    """Of one reply; copilot/presend/recording.py is the only writer. Gone when sending is undone."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="sent_reply")
    # Copies: what a sentence rested on must stay readable when draft and article are gone.
    sentences = models.JSONField(
        default=list, help_text="start, end, origin, changed, sources: article, title, heading"
    )
    warnings = models.JSONField(default=list, help_text="of the check that the sender overrode: code, words")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["sent_at"], name="sent_reply_at")]

    def __str__(self) -> str:
        return f"origins of message {self.message_id}"
