"""Jobs that wait or run when the database is the broker, and the heartbeats of the processes that run them."""

from django.db import models
from django.utils import timezone


class Job(models.Model):
    """One job in a lane. config/background/brokers.py is the only writer.

    While the job waits, `key` stands for function and ids, so that the same job cannot wait twice. Once it has begun,
    `key` is null, so that a request in the meantime queues it again.
    """

    lane = models.CharField(max_length=20)
    key = models.CharField(max_length=64, null=True, unique=True)
    payload = models.TextField()
    due = models.DateTimeField(default=timezone.now, help_text="earliest start; of a running job, the next start")
    held_by = models.CharField(max_length=120, blank=True, help_text="host and process that runs the job")
    begun = models.PositiveSmallIntegerField(default=0, help_text="number of times the job was handed out")

    class Meta:
        indexes = [
            models.Index(fields=["lane", "due"], name="job_lane_due"),
            models.Index(fields=["held_by", "due"], name="job_held"),
        ]

    def __str__(self) -> str:
        return f"job {self.pk} in {self.lane}"


class Heartbeat(models.Model):
    """When a process of a lane was last alive, visible from every machine. lanes.py is the only writer."""

    lane = models.CharField(max_length=20)
    holder = models.CharField(max_length=120)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "holder"], name="heartbeat_once")]

    def __str__(self) -> str:
        return f"{self.lane} by {self.holder}"
