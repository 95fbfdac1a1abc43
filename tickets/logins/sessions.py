"""Where people are logged in: the only writer of LoginSession, and the verbs that end a login.

Ending deletes Django's session; what hangs on it (the row here, its sockets) follows by signal
(tickets/logins/session_watch.py), whoever deleted it.
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

SEEN_EVERY = timedelta(minutes=5)  # so often, at most, "last seen" is written
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Mac OS", "Mac"), ("Linux", "Linux")),
)


def device(user_agent: str) -> str:
    """`Firefox on Windows`, as a person would name it."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    known = " on ".join(filter(None, [browser, system]))
    plain = re.sub(r"[^\w ./-]", "", user_agent, flags=re.ASCII)[:40].strip()
    return known or plain or "Unknown device"


def network(address: str) -> str:
    """Enough to know one's own office by, too little to find a person: `203.0.113.x`."""
    if ":" in address:
        return ":".join(address.split(":")[:3]) + ":…"
    return ".".join([*address.split(".")[:3], "x"])


def seen(request: HttpRequest) -> None:
    """Note that this session was used just now; makes its row the first time."""
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
    except IntegrityError:  # another request of the same session was quicker, or the person is gone
        return


def of(user: User) -> list[LoginSession]:
    """Those that still let somebody in, the latest used first."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(user.login_sessions.filter(key__in=alive))


def end(user: User, session_id: int) -> bool:
    """One login of this very person; False if there is none such."""
    found = user.login_sessions.filter(pk=session_id).first()
    return found is not None and _end([found.key]) > 0


def end_others(user: User, but: str | None) -> int:
    """All but the session with this key."""
    return _end(list(user.login_sessions.exclude(key=but or "").values_list("key", flat=True)))


def end_all(user: Any) -> int:
    return end_others(user, None)


def forget_old() -> int:
    """Sessions past their time, with all that hangs on them; returns how many."""
    ran_out = Session.objects.filter(expire_date__lt=timezone.now())
    gone = _end(list(ran_out.values_list("session_key", flat=True)[:5000]))
    alive = Session.objects.values("session_key")
    LoginSession.objects.exclude(key__in=alive).delete()
    return gone


def _end(keys: list[str]) -> int:
    """Row by row, so that each ending is announced."""
    ended = 0
    for session in Session.objects.filter(session_key__in=keys):
        session.delete()
        ended += 1
    LoginSession.objects.filter(key__in=keys).delete()
    return ended
