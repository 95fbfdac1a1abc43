"""Where somebody is logged in, and how often a door was tried. No full address is kept here."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class LoginSession(models.Model):
    """One login of one person, for the list in which he ends it. Written by tickets/logins/sessions.py alone."""

    key = models.CharField(max_length=40, unique=True, help_text="of Django's session")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="login_sessions")
    device = models.CharField(max_length=80, blank=True)
    address = models.CharField(max_length=45, blank=True, help_text="its network only")
    started_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "tickets"
        ordering = ["-seen_at"]


class Attempt(models.Model):
    """One knock on a door that is limited across all processes. Written by tickets/logins/attempts.py alone."""

    door = models.CharField(max_length=40)
    who = models.CharField(max_length=64, help_text="a hash that names nobody")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "tickets"
        indexes = [models.Index(fields=["door", "who", "at"], name="attempt_door_who_at")]
