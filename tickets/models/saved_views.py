"""Views of the queue that members save."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.people import Team


class SavedView(models.Model):
    """`filters` and `order` as tickets/queue reads them: {"priority": ["4"], "tag!": ["7"]} and the key of an order."""

    class Audience(models.TextChoices):
        OWNER = "owner", _("Only me")
        TEAM = "team", _("A team")
        ALL = "all", _("Everybody")

    name = models.CharField(_("name"), max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="saved_views"
    )
    audience = models.CharField(_("who can see it"), max_length=8, choices=Audience, default=Audience.OWNER)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views")
    filters = models.JSONField(default=dict)
    order = models.CharField(max_length=16)
    removed_at = models.DateTimeField(null=True, blank=True, help_text="kept for a while, for undo")

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(audience="team", team__isnull=False)
                | (~models.Q(audience="team") & models.Q(team__isnull=True)),
                name="saved_view_team",
            ),
            models.UniqueConstraint(
                fields=["owner", "name"], condition=models.Q(removed_at=None), name="saved_view_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name
