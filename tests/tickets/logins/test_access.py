"""Every address × every role. A new address without a rule here fails `test_every_address_has_a_rule`."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests import cast
from tickets.models import Attachment, Message, SavedView, Ticket, User

ROLES = ("anonymous", "mira", "rosa", "ken", "ada", "otto")
TEAM = {"mira", "rosa", "ada"}
EVERYBODY = {"mira", "rosa", "ken", "ada", "otto"}

# Name of the address → who has access. Everybody else is refused.
RULES: dict[str, set[str]] = {
    "home": EVERYBODY,
    "password_change": EVERYBODY,
    "tickets:preferences": EVERYBODY,
    "tickets:sessions": EVERYBODY,
    "tickets:session_end": EVERYBODY,
    "tickets:sessions_end_others": EVERYBODY,
    "tickets:api_docs": EVERYBODY,
    "tickets:api_openapi": EVERYBODY,
    "tickets:api_tokens": {"ada"},
    "tickets:api_token_revoke": {"ada"},
    **{
        f"tickets:{name}": TEAM
        for name in (
            *("queue_numbers", "queue_filters", "queue_filter_count", "row_details"),
            *("new_view", "view_form", "save_view", "change_view", "change_filters", "remove_view", "put_back_view"),
            *("desk", "queue", "ticket", "pane", "conversation", "header", "context", "timeline"),
            *(
                "delivery",
                "unsent",
                "sending_state",
                "reply",
                "undo_send",
                "note",
                "assign",
                "transfer",
                "undo_transfer",
            ),
            *("close", "tags", "bulk", "undo", "queue_ids", "status", "snooze", "priority", "attachment", "picture"),
            *("new_ticket", "customer_tickets", "recipients", "addresses"),
            *("uploads", "upload", "upload_picture", "upload_remove", "upload_put_back"),
            *("mail", "mail_raw", "outgoing", "quarantine_resolve", "outgoing_resolve"),
        )
    },
}
OPEN_TO_ALL = {"login", "logout", "health", "contact", "contact_sent", "sitemap", "robots", "texts"}
OPEN_TO_ALL |= {"api_no_such_address"}
OPEN_TO_ALL |= {"password_reset", "password_reset_done", "password_reset_confirm"}
# Apps that test their own addresses (tests/copilot, tests/knowledge, tests/qa; Django's own for the admin; "ninja": the
# API, where a token counts and no login, tests/copilot/triage_api).
ELSEWHERE = {"admin", "ninja", "copilot", "help", "knowledge", "qa"}


def named(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name not in ELSEWHERE:
                yield from named(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", pattern


ADDRESSES = dict(named(get_resolver().url_patterns))


@pytest.fixture
def ids(ticket: Ticket) -> dict[str, int]:
    message = ticket.messages.create(kind=Message.Kind.REPLY, author=cast.mira(), text="x")
    attachment = Attachment.objects.create(
        message=message, filename="a.txt", content_type="text/plain", size=1, sha256="0", refused="test"
    )
    view = SavedView.objects.create(owner=cast.mira(), name="Refunds", audience="all", order="work")
    return {
        "ticket_id": ticket.pk,
        "message_id": message.pk,
        "attachment_id": attachment.pk,
        "view_id": view.pk,
        "number": 987654,
    }


def log_in(client: Client, who: str) -> User | None:
    if who == "anonymous":
        return None
    person: User = getattr(cast, who)()
    client.force_login(person)
    return person


def address(name: str, ids: dict[str, int], wrong: bool = False) -> str:
    wanted = ADDRESSES[name].pattern.converters
    return reverse(name, kwargs={key: 987654 if wrong else ids.get(key, 987654) for key in wanted})


def test_every_address_has_a_rule() -> None:
    assert set(ADDRESSES) - OPEN_TO_ALL - set(RULES) == set(), (
        "give each new address a rule in tests/tickets/logins/test_access.py"
    )


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", sorted(set(ADDRESSES) & set(RULES)))
def test_each_role_gets_what_its_rule_says(client: Client, ids: dict[str, int], name: str, who: str) -> None:
    log_in(client, who)
    path = address(name, ids)
    for answer in (client.get(path), client.post(path)):
        if answer.status_code == 405:
            continue  # refused before anybody is asked: nothing was shown or changed
        if who == "anonymous":
            assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/"), answer
        elif who in RULES[name]:
            assert answer.status_code != 403 and answer.status_code < 500, answer
        else:
            assert answer.status_code in {403, 404}, answer


@pytest.mark.parametrize(
    "name", sorted(name for name in set(ADDRESSES) & set(RULES) if ADDRESSES[name].pattern.converters)
)
def test_a_wrong_id_is_not_found(client: Client, ids: dict[str, int], name: str) -> None:
    log_in(client, "mira" if "mira" in RULES[name] else "ada")
    path = address(name, ids, wrong=True)
    answers = {client.get(path).status_code, client.post(path).status_code}
    assert answers <= {404, 405} and 404 in answers


def test_a_deactivated_member_has_no_access(client: Client, mira: User, ticket: Ticket) -> None:
    client.force_login(mira)
    User.objects.filter(pk=mira.pk).update(is_active=False)
    assert client.get(reverse("tickets:ticket", args=[ticket.pk])).status_code == 302
