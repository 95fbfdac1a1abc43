"""What customers asked, as vectors."""

from django.db import models
from django.utils import timezone

from knowledge.models import Article
from tickets.models import Message


class QuestionVector(models.Model):
    """What a customer asked first, as vectors of the masked text, and which article answers it best today.

    A cache: question_vectors.py is the only writer and can make it again at any time.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=200, blank=True, help_text="personal data masked")
    embedder = models.CharField(max_length=80)
    vectors = models.BinaryField(help_text="float32, a row for each question in the message")
    best_article = models.ForeignKey(Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    best_score = models.FloatField(null=True, blank=True, help_text="cosine similarity; null: not asked yet")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"question of message {self.message_id}"
