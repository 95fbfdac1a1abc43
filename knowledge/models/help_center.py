"""What visitors read in the help center. Without names or addresses: a visit is a random key in a cookie."""

import uuid

from django.db import models
from django.utils import timezone

from knowledge.models.articles import Article


class HelpVisit(models.Model):
    """One browser in the help center. Its tickets carry the key, to count how many questions the help center solved."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-started_at"]


class HelpSearch(models.Model):
    """A search of a visitor, as far as it was typed, with personal data masked."""

    visit = models.ForeignKey(HelpVisit, on_delete=models.CASCADE, related_name="searches")
    query = models.CharField(max_length=300)
    language = models.CharField(max_length=8, blank=True)
    found = models.PositiveSmallIntegerField(help_text="number of articles shown")
    best_score = models.FloatField(null=True, blank=True)
    searched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-searched_at"]
        indexes = [models.Index(fields=["-searched_at"], name="help_search_time")]


class HelpRead(models.Model):
    """An article that a visitor opened, and the search that led to it."""

    visit = models.ForeignKey(HelpVisit, on_delete=models.CASCADE, related_name="reads")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="help_reads")
    search = models.ForeignKey(HelpSearch, null=True, blank=True, on_delete=models.SET_NULL, related_name="reads")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-read_at"]
        indexes = [models.Index(fields=["-read_at"], name="help_read_time")]


class HelpVote(models.Model):
    """The answer to “Was this article helpful?”, one per visit and article. A second answer replaces the first."""

    visit = models.ForeignKey(HelpVisit, on_delete=models.CASCADE, related_name="votes")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="help_votes")
    helped = models.BooleanField()
    comment = models.CharField(max_length=500, blank=True)
    voted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-voted_at"]
        constraints = [models.UniqueConstraint(fields=["visit", "article"], name="help_vote_once")]
