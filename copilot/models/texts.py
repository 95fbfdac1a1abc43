"""What leads change of what the model reads and how replies sound: versions, which is in use, and trials of them.

copilot/text_changes/versions.py is the only writer of versions and activations, trials.py of trials.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versioned import VersionedSetting
from copilot.leases import Leased
from tickets.models import Message


class TextVersion(VersionedSetting):
    """One saved version of a prompt, or of the voice. Version 0 is the file that Copydesk ships and has no row.

    It holds everything that counts, so an update of Copydesk does not change what a stored version says.
    """

    name = models.CharField(max_length=30, help_text="of the file: point-1, voice")
    number = models.PositiveIntegerField(help_text="1, 2, 3 for each name")
    texts = models.TextField(help_text="TOML, like the file")
    languages = models.TextField(blank=True, help_text="TOML: what a prompt calls the languages")
    version = models.CharField(max_length=40, help_text="name@hash of all its texts, as model calls record it")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="text_version_once")]

    def __str__(self) -> str:
        return f"{self.name} version {self.number}"


class TextActivation(VersionedSetting):
    """From here on, a version is in use; the newest of a name counts. Without a version: the file that is shipped.

    `place` counts 1, 2, 3 for each name. Who activates names the next place, so of two at once only one succeeds.
    """

    name = models.CharField(max_length=30)
    place = models.PositiveIntegerField()
    version = models.ForeignKey(
        TextVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="activations"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["name", "place"], name="text_activation_place_once")]

    def __str__(self) -> str:
        return f"{self.name} activation {self.place}"


class TextTrial(Leased):
    """A version tried on past messages, beside the one that was in use; text_changes/trials.py is the only writer.

    queued -> writing -> ready | failed | stopped.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        WRITING = "writing", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    ACTIVE = (State.QUEUED, State.WRITING)

    name = models.CharField(max_length=30)
    version = models.ForeignKey(TextVersion, on_delete=models.PROTECT, related_name="trials")
    beside = models.ForeignKey(
        TextVersion, null=True, on_delete=models.PROTECT, related_name="+", help_text="in use then; null: the file"
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version"], condition=Q(state__in=["queued", "writing"]), name="text_trial_one_active"
            )
        ]

    def __str__(self) -> str:
        return f"trial {self.pk} of {self.name}"


class TrialCase(models.Model):
    """One message of a trial, and the replies to it, with personal data masked. Deleted with its ticket."""

    trial = models.ForeignKey(TextTrial, on_delete=models.CASCADE, related_name="cases")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveSmallIntegerField()
    question = models.TextField(blank=True, help_text="what the model read, personal data masked")
    replies = models.JSONField(default=dict, help_text="now and tried: text, probability, sentences, ms")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["trial", "number"], name="trial_case_once")]

    def __str__(self) -> str:
        return f"case {self.number} of trial {self.trial_id}"
