"""A setting that people change on a page: one row for each change, so that nothing is overwritten.

The newest row that applies is in use; going back adds a row with the older values. Who adds a setting copies from
knowledge/models/retrieval.py (the values), knowledge/search/configuration.py (which row is in use, what applies without
one) and templates/knowledge/_sandbox_changes.html (the list of changes with "Use again").
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class RowsAreNeverChanged(Exception):
    """Somebody tried to overwrite what was once in use; a change is a new row."""


class VersionedSetting(models.Model):
    """Who changed a setting when, and why. The values are the fields of who inherits."""

    note = models.CharField("what changed, and why", max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise RowsAreNeverChanged(f"{self._meta.label} {self.pk}")
        super().save(*args, **kwargs)
