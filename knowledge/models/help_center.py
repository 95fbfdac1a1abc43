"""Who read what in the help center. No names, no addresses: a visit is a random key in a cookie."""

import uuid

from django.db import models
from django.utils import timezone

from knowledge.models.articles import Article


class HelpVisit(models.Model):
    """One browser in the help center. Tickets written from it carry the key, so that deflection can be counted."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-started_at"]


class HelpSearch(models.Model):
    """One thing a visitor looked for, as far as it was typed; personal data masked."""

    visit = models.ForeignKey(HelpVisit, on_delete=models.CASCADE, related_name="searches")
    query = models.CharField(max_length=300)
    language = models.CharField(max_length=8, blank=True)
    found = models.PositiveSmallIntegerField(help_text="articles shown")
    best_score = models.FloatField(null=True, blank=True)
    searched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-searched_at"]
        indexes = [models.Index(fields=["-searched_at"], name="help_search_time")]


class HelpRead(models.Model):
    """An article opened in the help center, and from where."""

    visit = models.ForeignKey(HelpVisit, on_delete=models.CASCADE, related_name="reads")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="help_reads")
    search = models.ForeignKey(HelpSearch, null=True, blank=True, on_delete=models.SET_NULL, related_name="reads")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-read_at"]
        indexes = [models.Index(fields=["-read_at"], name="help_read_time")]


class HelpVote(models.Model):
    """“Did this help?”, once per visit and article; a second answer replaces the first."""

    visit = models.ForeignKey(HelpVisit, on_delete=models.CASCADE, related_name="votes")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="help_votes")
    helped = models.BooleanField()
    comment = models.CharField(max_length=500, blank=True)
    voted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-voted_at"]
        constraints = [models.UniqueConstraint(fields=["visit", "article"], name="help_vote_once")]
