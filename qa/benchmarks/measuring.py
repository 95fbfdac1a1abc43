"""How long pages take, and how many queries they need: requested in this process, without network and browser.

A request gets its connection as in the web process: a new one each time, unless the settings keep it. The first request
of each address is not counted. The queries are counted in a request of their own, because counting takes time too.
"""

import html
import math
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.cache import cache
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.numbers import percentile
from qa.benchmarks import texts
from qa.benchmarks.filling import Filled
from tickets.models import Tag, Ticket, User
from tickets.queue import views

PARTS = ("queue", "ticket", "search", "dashboard")
DEEPEST = 10_000  # rows that the later page lies behind, at most
ANYTHING, ROW, MESSAGE, FOUND = (
    re.compile(each) for each in (rb"", rb'id="row-\d+"', rb'id="message-\d+"', rb'id="found"')
)
MORE = re.compile(rb'id="more".*?hx-get="([^"]+)"', re.DOTALL)

FILTERS = ("status=open", "status!=closed", "answered=yes", "view=all&priority=4&language=en")

Get = Callable[[str], bytes]


class NotShown(Exception):
    """A page that does not show what is to be measured."""


@dataclass(frozen=True)
class Page:
    """`shows`: what its text contains, so that no error page is measured; `key`: its place in the report."""

    key: str
    user: User
    addresses: Sequence[str]
    shows: re.Pattern[bytes] = ANYTHING


def pages(filled: Filled, parts: Sequence[str] = PARTS) -> list[Page]:
    desk, agent = reverse("tickets:desk"), filled.agent
    ticket = reverse("tickets:ticket", args=[filled.longest.pk])
    found = {
        "queue": lambda: [
            Page("queue", agent, [f"{desk}?view=open"], ROW),
            Page("queue_later_page", agent, [_later(agent)], ROW),
            Page("queue_lists", agent, [f"{desk}?{each}" for each in lists(filled)]),
            Page("queue_filters", agent, [reverse("tickets:queue_filters"), reverse("tickets:queue_numbers")]),
        ],
        # With the same view beside it in every size: an agent of a small desk has fewer tickets of his own.
        "ticket": lambda: [Page("ticket", agent, [f"{ticket}?view=open"], MESSAGE)],
        "search": lambda: [
            Page("search", agent, [f"{desk}?q={quote(each)}" for each in queries(filled)], FOUND),
            Page("search_filtered", agent, [f"{desk}?q=invoice&{each}" for each in FILTERS], FOUND),
        ],
        "dashboard": lambda: [Page("dashboard", filled.lead, [reverse("qa:overview")])],
    }
    return [page for part in PARTS if part in parts for page in found[part]()]


def lists(filled: Filled) -> list[str]:
    """The views that ship, and filters that no index serves alone."""
    team, tag = filled.agent.teams.get().pk, Tag.objects.values_list("pk", flat=True)[0]
    return [
        *(f"view={key}" for key in views.DESK),
        *("view=all&sort=work", "view=open&any=1", "view=all&status!=closed&sort=changed", "view=closed&sort=waiting"),
        *(
            f"view=team-{team}",
            f"view=all&tag={tag}",
            "view=all&customer=a",
            "view=all&customer=haas",
            "view=all&closed=today",
        ),
        *("view=all&created=7d&language=de", "view=all&waiting=7d&status=pending"),
    ]


def queries(filled: Filled) -> list[str]:
    """A common word, several words, half a word as while typing, a customer, what only one ticket has, its number, a
    word with a typo, and words in sequence without another one."""
    one = filled.longest
    several = ["invoice", "refund cancelled booking twice", "passw", one.customer.name, texts.reference(one.pk)]
    return [*several, str(one.pk), "refnud", '"cancelled booking" -tablet']


def _later(agent: User) -> str:
    """What the browser requests after the agent has scrolled through half of all open tickets."""
    get, rows = _signed_in(agent), 0
    address = f"{reverse('tickets:queue')}?view=open"
    half = min(Ticket.objects.filter(status=Ticket.Status.OPEN).count() // 2, DEEPEST)
    while True:
        answer = get(address)
        rows, more = rows + len(ROW.findall(answer)), MORE.search(answer)
        if rows > half or more is None:
            return address
        address = html.unescape(more[1].decode())


def measured(page: Page, repeat: int) -> dict[str, Any]:
    """Every address equally often, together at least `repeat` times."""
    cache.clear()  # of this process only; what it knows may be about another database
    get = _signed_in(page.user)
    for address in page.addresses:
        if not page.shows.search(get(address)):
            raise NotShown(f"{address} does not show what is to be measured.")
    rounds = math.ceil(repeat / len(page.addresses))
    times: dict[str, list[float]] = {address: [] for address in page.addresses}
    for _ in range(rounds):
        for address in page.addresses:
            begun = time.perf_counter()
            get(address)
            times[address].append((time.perf_counter() - begun) * 1000)
    together = [each for taken in times.values() for each in taken]
    return {
        "p50_ms": round(percentile(together, 0.5), 2),
        "p95_ms": round(percentile(together, 0.95), 2),
        "queries": max(_queries(get, address) for address in page.addresses),
    } | _of_each(times)


def _of_each(times: dict[str, list[float]]) -> dict[str, Any]:
    """The median of each address where there are several: a common word takes longer than a rare one."""
    if len(times) == 1:
        return {}
    return {"each_p50_ms": {address: round(percentile(taken, 0.5), 2) for address, taken in times.items()}}


def _signed_in(user: User) -> Get:
    allowed = next(iter(settings.ALLOWED_HOSTS), "localhost").lstrip(".")
    client = Client(HTTP_HOST="localhost" if allowed == "*" else allowed, HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)

    def get(address: str) -> bytes:
        close_old_connections()
        answer = client.get(address, secure=bool(settings.SECURE_SSL_REDIRECT))
        if answer.status_code != 200:
            raise NotShown(f"{address} answers {answer.status_code}.")
        return bytes(answer.content)

    return get


def _queries(get: Get, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        get(address)
    return len(captured)


def growth(sizes: Sequence[dict[str, Any]]) -> dict[str, float]:
    """How much longer each page takes with the most tickets than with the fewest."""
    fewest, most = sizes[0], sizes[-1]
    keys = [key for key, value in most.items() if isinstance(value, dict)]
    return {key: round(most[key]["p50_ms"] / fewest[key]["p50_ms"], 2) for key in keys}
