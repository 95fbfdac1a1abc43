"""Where members are logged in, and ending a login. The only writer of LoginSession.

Ending deletes Django's session. The row here and the open sockets follow by signal
(tickets/logins/session_watch.py), so that it does not matter who deleted the session.
"""

import re
from datetime import timedelta
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from config.web import limits
from tickets.models import LoginSession, User
from tickets.models.logins import UNKNOWN_DEVICE

SEEN_EVERY = timedelta(minutes=5)  # how often "last used" is written at most
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Mac OS", "Mac"), ("Linux", "Linux")),
)


def device(user_agent: str) -> str:
    """For people, from the User-Agent header: `Firefox on Windows`."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    known = " on ".join(filter(None, [browser, system]))
    plain = re.sub(r"[^\w ./-]", "", user_agent, flags=re.ASCII)[:40].strip()
    return known or plain or UNKNOWN_DEVICE


def network(address: str) -> str:
    """The network part of an IP address, `203.0.113.x`: enough to know one's office, too little to trace a person."""
    if ":" in address:
        return ":".join(address.split(":")[:3]) + ":…"
    return ".".join([*address.split(".")[:3], "x"])


def seen(request: HttpRequest) -> None:
    """Records that the session was used now, and adds its row the first time."""
    key, user_id = request.session.session_key, request.session.get(SESSION_KEY)
    if not key or not user_id or not cache.add(f"seen.{key}", 1, SEEN_EVERY.total_seconds()):
        return
    now = timezone.now()
    values = {
        "device": device(request.META.get("HTTP_USER_AGENT", "")),
        "address": network(limits.address(request)),
        "seen_at": now,
    }
    if LoginSession.objects.filter(key=key, user_id=user_id).update(**values):
        return
    try:
        with transaction.atomic():
            LoginSession.objects.create(key=key, user_id=user_id, **values)
    except IntegrityError:  # another request of the session was faster, or the account is gone
        return


def of(user: User) -> list[LoginSession]:
    """Logins that are still valid, last used first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(user.login_sessions.filter(key__in=alive))


def end(user: User, session_id: int) -> bool:
    """Ends one of this member's own logins. False if it is not his, or not there."""
    found = user.login_sessions.filter(pk=session_id).first()
    return found is not None and _end([found.key]) > 0


def end_others(user: User, except_key: str | None) -> int:
    """Ends all logins but the one with this key. Returns how many."""
    return _end(list(user.login_sessions.exclude(key=except_key or "").values_list("key", flat=True)))


def end_all(user: Any) -> int:
    return end_others(user, None)


def forget_old() -> int:
    """Deletes expired sessions with their rows. Returns how many."""
    expired = Session.objects.filter(expire_date__lt=timezone.now())
    deleted = _end(list(expired.values_list("session_key", flat=True)[:5000]))
    alive = Session.objects.values("session_key")
    LoginSession.objects.exclude(key__in=alive).delete()
    return deleted


def _end(keys: list[str]) -> int:
    """One by one, so that the signal is sent for each."""
    ended = 0
    for session in Session.objects.filter(session_key__in=keys):
        session.delete()
        ended += 1
    LoginSession.objects.filter(key__in=keys).delete()
    return ended
