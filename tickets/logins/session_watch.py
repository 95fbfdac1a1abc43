"""What follows from a session: its row in the list, no copies of its pages, the end of its sockets.

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

# Fields of a person that say nothing about what he may do.
HARMLESS = {"last_login", "theme", "single_keys"}


class SessionWatch(MiddlewareMixin):
    """Stands outside the session's own middleware: by then the session is saved and has its key."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = getattr(request, "session", None)
        # Only where the page looked at the session anyway: public pages stay as quick as they are.
        if session is None or not session.accessed or not session.session_key or not session.get(SESSION_KEY):
            return response
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-store"
        with suppress(DatabaseError):  # a list that is a little behind must not cost anybody a page
            sessions.seen(request)
        return response


def on_login(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    if getattr(request, "session", None) is not None:
        sessions.seen(request)


def on_session_deleted(sender: Any, instance: Session, **kwargs: Any) -> None:
    """Logging out, ending it in the list, a new key after a new password: all come by here."""
    LoginSession.objects.filter(key=instance.session_key).delete()
    group = live.session_group(instance.session_key)
    transaction.on_commit(lambda: live.notify_sockets(group, "session.ended"))


def on_person_saved(sender: Any, instance: User, created: bool, update_fields: Any = None, **kwargs: Any) -> None:
    """Another role, another password, deactivated: sessions of who left end, sockets of others look again."""
    if created or (update_fields is not None and set(update_fields) <= HARMLESS):
        return
    if not instance.is_active:
        sessions.end_all(instance)
    group = live.member_group(instance.pk)
    transaction.on_commit(lambda: live.notify_sockets(group, "session.check"))
