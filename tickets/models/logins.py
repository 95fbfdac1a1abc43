"""Logins of members, and counted attempts. No full IP address is stored here."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

UNKNOWN_DEVICE = "Unknown device"


class LoginSession(models.Model):
    """One login of a member, for the list in which he can end it. Only tickets/logins/sessions.py writes here."""

    key = models.CharField(max_length=40, unique=True, help_text="The key of Django's session")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="login_sessions")
    device = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=45, blank=True, help_text="Only the network part of the IP address")
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "tickets"
        ordering = ["-seen_at"]

    @property
    def device_name(self) -> str:
        """`device` is stored in English."""
        browser, on, system = self.device.partition(" on ")
        if on:
            return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
        return _("Unknown device") if self.device == UNKNOWN_DEVICE else self.device


class Attempt(models.Model):
    """One attempt at something that is limited across all processes. Only tickets/logins/attempts.py writes here.

    `door` names what was tried, for example `password.change`.
    """

    door = models.CharField(max_length=40)
    who = models.CharField(max_length=64, help_text="A keyed hash: it cannot be traced back to an address or a person")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "tickets"
        indexes = [models.Index(fields=["door", "who", "at"], name="attempt_door_who_at")]
