"""Limits on wrong passwords, wherever a password is asked for (django-axes counts in the database).

Three counts, each over ten minutes: one IP address for one account, one IP address for any account, and one
account from any IP address. The last one skips addresses from which the account has logged in before, so that
strangers cannot lock an agent out. Every lock ends by itself, and the page says when.
"""

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessLog
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

ADDRESS_LIMIT = 30
ACCOUNT_LIMIT = 60
LOG_KEPT = timedelta(days=90)


class Limits(AxesDatabaseHandler):
    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """The highest of the three counts. The wider two are scaled to the limit of the first, AXES_FAILURE_LIMIT."""
        limit = settings.AXES_FAILURE_LIMIT
        counts = [
            rows.aggregate(sum=Sum("failures_since_start"))["sum"] or 0 for rows in self._rows(request, credentials)
        ]
        pair, address, account = counts
        if self._known_here(request, credentials):
            account = 0
        return max(pair, address * limit // ADDRESS_LIMIT, account * limit // ACCOUNT_LIMIT)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """A login resets the count of this account only, not what the same address tried on other accounts."""
        deleted: int = self.filter_user_attempts(request, credentials)[0].delete()[0]
        return deleted

    def user_logged_in(self, sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        AccessLog.objects.filter(attempt_time__lt=timezone.now() - LOG_KEPT).delete()

    def _rows(self, request: HttpRequest, credentials: dict[str, Any] | None) -> list[Any]:
        return list(self.get_user_attempts(request, credentials))

    def _known_here(self, request: HttpRequest, credentials: dict[str, Any] | None) -> bool:
        name, address = get_client_username(request, credentials), request.axes_ip_address  # type: ignore[attr-defined]
        return AccessLog.objects.filter(username=name, ip_address=address).exists()

    def locked_until(self, request: HttpRequest, credentials: dict[str, Any] | None) -> Any:
        """When the newest failure no longer counts."""
        newest = [rows.aggregate(last=Max("attempt_time"))["last"] for rows in self._rows(request, credentials)]
        return max([each for each in newest if each] or [timezone.now()]) + settings.AXES_COOLOFF_TIME


def locked_page(request: HttpRequest, response: HttpResponse | None, credentials: Any = None) -> HttpResponse:
    """429, with the time when the lock ends."""
    until = Limits().locked_until(request, credentials)
    seconds = max(1, int((until - timezone.now()).total_seconds()))
    # Rounded up, so that the lock has ended at the time that is shown.
    page = {"minutes": -(-seconds // 60), "until": until + timedelta(seconds=59)}
    answer = render(request, "registration/locked.html", page, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer
