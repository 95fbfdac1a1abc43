"""A setting that leads change on a page. Each change is a new row, so that nothing is overwritten.

The newest row that applies is in use. Going back adds a row with the older values. To add a setting copy from
knowledge/models/retrieval.py (the values), knowledge/search/configuration.py (which row is in use, the defaults)
and templates/knowledge/_sandbox_changes.html (the list of changes).
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class RowsAreNeverChanged(Exception):
    """Code tried to change a row. A change is a new row."""


class VersionedSetting(models.Model):
    """Who changed a setting, when and why. Subclasses add the values as fields."""

    note = models.CharField(_("what changed and why"), max_length=200, blank=True)
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


class VersionedRules(VersionedSetting):
    """A setting of many values, as JSON."""

    rules = models.JSONField()
    # Of two leads who save at the same moment only one gets the next place.
    place = models.PositiveIntegerField(unique=True)

    class Meta(VersionedSetting.Meta):
        abstract = True
