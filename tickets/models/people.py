"""Members and their teams."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from config import roles
from config.roles import Capability


class User(AbstractUser):
    """A member of the support team. What a role may do: config/roles.py."""

    Role = roles.Role

    class Theme(models.TextChoices):
        SYSTEM = "system", _("Like the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    class Language(models.TextChoices):
        BROWSER = "", _("Like the browser")
        ENGLISH = "en", "English"
        GERMAN = "de", "Deutsch"

    role = models.CharField(_("role"), max_length=16, choices=Role, default=Role.AGENT)
    teams = models.ManyToManyField("Team", verbose_name=_("teams"), related_name="members", blank=True)  # type: ignore[var-annotated]
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    language = models.CharField(max_length=8, choices=Language, default=Language.BROWSER, blank=True)
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)
    # What the rows of the queue show (tickets/queue/rows.py); null: as it ships.
    row_details = models.JSONField(null=True, blank=True, editable=False)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text=_("When a desk was last open"))

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """`is_staff` follows from the role: Django's admin and other packages look at it."""
        self.is_staff = roles.may(self, Capability.ENTER_ADMIN)
        if update_fields is not None and not {"role", "is_active", "is_superuser"}.isdisjoint(update_fields):
            update_fields = {*update_fields, "is_staff"}
        super().save(*args, update_fields=update_fields, **kwargs)

    def has_module_perms(self, app_label: str) -> bool:
        return roles.may_in_admin(self, app_label)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return roles.may_in_admin(self, perm.split(".", 1)[0])


class Team(models.Model):
    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    description = models.CharField(_("description"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
