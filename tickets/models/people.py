"""Who works here: members of the team and their teams."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A member of the support team. The role decides what can be opened (tickets/access.py)."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        LEAD = "lead", "Team lead"
        AUTHOR = "author", "KB author"
        ADMIN = "admin", "Admin"
        AUDITOR = "auditor", "Auditor"

    class Theme(models.TextChoices):
        SYSTEM = "system", "Like the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    # What a role may change in the admin, by app label.
    ADMIN_APPS: dict[str, set[str]] = {
        Role.AUTHOR: {"knowledge"},
        Role.LEAD: {"knowledge", "tickets"},
        Role.ADMIN: {"knowledge", "tickets", "copilot", "django_q", "axes"},
    }

    role = models.CharField(max_length=16, choices=Role, default=Role.AGENT)
    teams = models.ManyToManyField("Team", related_name="members", blank=True)  # type: ignore[var-annotated]
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    single_keys = models.BooleanField("single-letter keys", default=True)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="last sign of an open desk")

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def works_tickets(self) -> bool:
        return self.is_active and (self.is_superuser or self.role in {self.Role.AGENT, self.Role.LEAD, self.Role.ADMIN})

    @property
    def leads(self) -> bool:
        return self.is_active and (self.is_superuser or self.role in {self.Role.LEAD, self.Role.ADMIN})

    @property
    def writes_articles(self) -> bool:
        return self.is_active and (
            self.is_superuser or self.role in {self.Role.AUTHOR, self.Role.LEAD, self.Role.ADMIN}
        )

    @property
    def may_enter_admin(self) -> bool:
        return self.is_active and (self.is_superuser or self.role in self.ADMIN_APPS)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and (self.is_superuser or app_label in self.ADMIN_APPS.get(self.role, set()))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.has_module_perms(perm.split(".", 1)[0])


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
