"""What follows from a session: its row in the list of logins, pages that are not cached, sockets that end with it.

The receivers are connected in tickets/apps.py.
"""

from contextlib import suppress
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

from tickets import live
from tickets.logins import sessions
from tickets.models import LoginSession, User

# Changes of these fields do not change what a member may do.
HARMLESS = {"last_login", "theme", "language", "single_keys"}


class SessionWatch(MiddlewareMixin):
    """Listed before Django's session middleware, so that it runs after the session is saved and has its key."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = getattr(request, "session", None)
        # Only if the page used the session anyway, so that public pages stay fast.
        if session is None or not session.accessed or not session.session_key or not session.get(SESSION_KEY):
            return response
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        with suppress(DatabaseError):  # the page matters more than an up-to-date list
            sessions.seen(request)
        return response


def on_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    if getattr(request, "session", None) is not None:
        sessions.seen(request)


def on_session_deleted(sender: Any, instance: Session, **kwargs: Any) -> None:
    """Runs after logging out, after ending a login in the list, and after a new password, which makes a new key."""
    LoginSession.objects.filter(key=instance.session_key).delete()
    group = live.session_group(instance.session_key)
    transaction.on_commit(lambda: live.notify_sockets(group, "session.ended"))


def on_person_saved(sender: Any, instance: User, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """After a change of role, password or activity: a deactivated member's sessions end, sockets check again."""
    if created or (update_fields is not None and set(update_fields) <= HARMLESS):
        return
    if not instance.is_active:
        sessions.end_all(instance)
    group = live.member_group(instance.pk)
    transaction.on_commit(lambda: live.notify_sockets(group, "session.check"))
