"""The table in tests/url_rules.py is complete: a new address, socket or admin table without a rule fails here."""

from channels.routing import URLRouter
from django.contrib.admin import AdminSite
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, include, path

from tests.url_rules import (
    ADMIN,
    COPILOT,
    HELP,
    KNOWLEDGE,
    QA,
    RULES,
    SITE,
    SOCKETS,
    TICKETS,
    faults,
    of_models,
)
from tickets.sockets.routes import urlpatterns


def test_every_address_has_its_rule_and_every_rule_its_address() -> None:
    assert faults(get_resolver().url_patterns, RULES) == [], "a new address needs a line in tests/url_rules.py"
    assert {str(each.pattern) for each in urlpatterns} == set(SOCKETS)


def test_no_rule_is_written_twice() -> None:
    parts = (SITE, TICKETS, COPILOT, KNOWLEDGE, QA, HELP, ADMIN, of_models())
    assert sum(map(len, parts)) == len(RULES)


def test_there_are_no_other_sockets_than_in_the_table() -> None:
    """The application serves these socket routes and no others, whatever wraps them."""
    from config.asgi import application

    found, waiting = [], [application]
    while waiting:
        each = waiting.pop()
        if isinstance(each, URLRouter):
            found.append(each)
        held = getattr(each, "__dict__", {})
        inside = [held.get("app"), held.get("inner"), held.get("application")]
        waiting += [one for one in (*inside, *held.get("application_mapping", {}).values()) if one is not None]
    assert [each.routes for each in found] == [urlpatterns]


class TestAnAddressWithoutARule:
    """An address without a rule is found, wherever it is added."""

    @staticmethod
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("in")

    def wrong(self, *patterns: URLPattern | URLResolver) -> list[str]:
        return faults([*get_resolver().url_patterns, *patterns], RULES)

    def test_beside_the_others(self) -> None:
        assert self.wrong(path("invented/", self.view, name="invented")) == ["invented: no rule"]

    def test_without_a_name(self) -> None:
        assert self.wrong(path("invented/", self.view)) == ["<invented/>: no rule"]
        assert self.wrong(path("<path:object_id>/", self.view)) == ["<<path:object_id>/>: no rule"]

    def test_deep_in_what_is_included(self) -> None:
        inner = [path("v1/", include([path("tickets/", self.view, name="tickets")]))]
        assert self.wrong(path("api/", include((inner, "api")))) == ["api:tickets: no rule"]

    def test_under_a_name_that_is_taken(self) -> None:
        assert self.wrong(path("invented/", self.view, name="home")) == [
            "home: 2 addresses with this name, so not all are tested"
        ]

    def test_of_a_table_that_a_package_adds_to_the_admin(self) -> None:
        site = AdminSite()
        site.register(ContentType)
        wrong = self.wrong(path("more/", (site.get_urls(), "admin", "admin")))
        for page in ("changelist", "add", "change", "delete"):
            assert f"admin:contenttypes_contenttype_{page}: no rule" in wrong

    def test_a_rule_for_an_address_that_is_gone(self) -> None:
        rules = [*RULES, "tickets:gone"]
        assert faults(get_resolver().url_patterns, rules) == ["tickets:gone: no such address"]
