"""Where links to our own pages lead: customers can open the help center, and of it only what is published."""

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.urls import Resolver404, resolve

from copilot.evidence.gathering import for_customers
from copilot.presend.links import DEAD, GOOD, INTERNAL

# Parts of the site that only members can open.
_INTERNAL = frozenset({"tickets", "knowledge", "copilot", "qa", "admin"})


def judged(addresses: Iterable[str]) -> dict[str, str]:
    """Address -> what it is, for those that lead to this site. One query, if any leads to an article."""
    places = dict(_places(addresses))
    articles = {place for place in places.values() if isinstance(place, int)}
    there = set(for_customers(articles).values_list("pk", flat=True)) if articles else set()
    return {
        address: place if isinstance(place, str) else GOOD if place in there else DEAD
        for address, place in places.items()
    }


def _places(addresses: Iterable[str]) -> Iterator[tuple[str, str | int]]:
    """Each of our own addresses with its article's id, or with what it is."""
    hosts = [host for host in settings.ALLOWED_HOSTS if host != "*"]
    for address in addresses:
        try:
            parts = urlsplit(address if "://" in address else f"https://{address}")
            if parts.hostname and validate_host(parts.hostname, hosts):
                yield address, _place(parts.path or "/")
        except ValueError:  # no address at all
            continue


def _place(path: str) -> str | int:
    try:
        match = resolve(path)
    except Resolver404:
        return DEAD
    if match.namespace in _INTERNAL:
        return INTERNAL
    article = match.kwargs.get("article_id") if match.namespace == "help" else None
    return int(article) if article is not None else GOOD
