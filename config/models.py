"""Jobs that wait or run where the database is the broker, and the signs of life of who does them."""

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """One job in a lane. config/background/brokers.py is the only writer.

    `key` names function and ids while the job waits, so that the same job cannot wait twice; it is null once the job
    has begun, so that what is asked for meanwhile is done once more.
    """

    lane = models.CharField(max_length=20)
    key = models.CharField(max_length=64, null=True, unique=True)
    payload = models.TextField()
    due = models.DateTimeField(default=timezone.now, help_text="not before; once begun: when it is handed out again")
    held_by = models.CharField(max_length=120, blank=True, help_text="host and process that runs it")
    begun = models.PositiveSmallIntegerField(default=0, help_text="how often it was handed out")

    class Meta:
        indexes = [
            models.Index(fields=["lane", "due"], name="job_lane_due"),
            models.Index(fields=["held_by", "due"], name="job_held"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk} in {self.lane}"


class Heartbeat(models.Model):
    """When a process that takes jobs of a lane was last alive: seen from every machine. lanes.py is the only writer."""

    lane = models.CharField(max_length=20)
    holder = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "holder"], name="heartbeat_once")]

    def __str__(self) -> str:
        return f"{self.lane} by {self.holder}"
