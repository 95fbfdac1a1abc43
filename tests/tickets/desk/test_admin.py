"""Members, teams, tags and customers in the admin: for admins only, and deleting one deletes no ticket."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast
from tickets.models import Customer, Tag, Team, Ticket, User
from tickets.search import search_tickets

pytestmark = pytest.mark.django_db
TABLES = ["user", "team", "tag", "customer"]


@pytest.fixture
def setup(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def listing(table: str) -> str:
    return reverse(f"admin:tickets_{table}_changelist")


def page_of(row: Any, what: str = "change") -> str:
    return reverse(f"admin:tickets_{row._meta.model_name}_{what}", args=[row.pk])


def rows(ticket: Ticket) -> list[Any]:
    return [cast.mira(), cast.team(), Tag.objects.get_or_create(name="refund")[0], ticket.customer]


@pytest.mark.parametrize("who", ["", "mira", "rosa", "ken", "otto"])
def test_every_other_role_is_kept_out(client: Client, ticket: Ticket, who: str, request: Any) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    for row in rows(ticket):
        for url in (listing(row._meta.model_name), page_of(row), page_of(row, "delete"), page_of(row, "history")):
            assert client.get(url).status_code in {302, 403}, url
            assert client.post(url, {"name": "x"}).status_code in {302, 403}, url
    password = reverse("admin:auth_user_password_change", args=[cast.mira().pk])
    assert client.post(password, {"password1": "another long one", "password2": "another long one"}).status_code in {
        302,
        403,
    }
    assert cast.mira().check_password(cast.PASSWORD)
    if who:
        assert "tickets/user" not in client.get(reverse("admin:index")).content.decode()


def test_an_admin_finds_people_teams_tags_and_customers(setup: Client, ticket: Ticket) -> None:
    people, team, tag, customer = rows(ticket)
    ticket.tags.add(tag)
    Ticket.objects.update(team=team)
    for table, words in {
        "user": ["mira@tallybird.example", "Agent", "Support"],
        "team": ["Support"],
        "tag": ["refund"],
        "customer": ["Tomas Okafor", "tomas@okafor.example", "Paid"],
    }.items():
        page = setup.get(listing(table)).content.decode()
        assert all(word in page for word in words), table
        found = setup.get(listing(table), {"q": words[0]}).content.decode()
        assert words[0] in found
        assert "0 results" in setup.get(listing(table), {"q": "zebra"}).content.decode()


def test_no_page_shows_a_password_or_its_hash(setup: Client, mira: User) -> None:
    for url in (
        listing("user"),
        page_of(mira),
        page_of(mira, "history"),
        reverse("admin:auth_user_password_change", args=[mira.pk]),
    ):
        page = setup.get(url).content.decode()
        for part in mira.password.split("$"):
            assert len(part) < 6 or part not in page, url
    assert setup.get(listing("user"), {"password__startswith": "md5"}).status_code in {302, 400}


def test_a_new_colleague_can_log_in(setup: Client) -> None:
    values = {
        "username": "nora",
        "email": "nora@tallybird.example",
        "role": "author",
        "usable_password": "true",
        "password1": "a quite long phrase",
        "password2": "a quite long phrase",
    }
    assert setup.post(reverse("admin:tickets_user_add"), values).status_code == 302
    nora = User.objects.get(username="nora")
    assert (nora.role, nora.is_active, nora.is_superuser) == ("author", True, False)
    visitor = Client()
    visitor.post(reverse("login"), {"username": "nora", "password": "a quite long phrase"})
    assert visitor.session["_auth_user_id"] == str(nora.pk)


def person(user: User, **changes: Any) -> dict[str, Any]:
    return {"username": user.username, "email": user.email, "role": user.role, "is_active": "on"} | changes


def test_who_leaves_is_switched_off_and_keeps_their_tickets(setup: Client, mira: User, ticket: Ticket) -> None:
    Ticket.objects.update(assignee=mira)
    values = person(mira)
    del values["is_active"]
    assert setup.post(page_of(mira), values).status_code == 302
    mira.refresh_from_db()
    assert not mira.is_active and Ticket.objects.get().assignee == mira


def test_the_last_admin_stays(setup: Client, ada: User, mira: User) -> None:
    for changes in ({"role": "agent"}, {"is_active": ""}):
        page = setup.post(page_of(ada), {key: value for key, value in person(ada, **changes).items() if value})
        assert "This is the last admin" in page.content.decode()
    assert setup.post(page_of(mira), person(mira, role="admin")).status_code == 302
    assert setup.post(page_of(ada), person(ada, role="agent")).status_code == 302
    assert User.objects.get(pk=ada.pk).role == "agent"


def test_a_form_gives_nobody_more_than_their_role(setup: Client, mira: User) -> None:
    setup.post(page_of(mira), person(mira, is_superuser="on", is_staff="on", user_permissions="1"))
    mira.refresh_from_db()
    assert not mira.is_superuser and not mira.is_staff


def test_a_superusers_account_is_for_superusers(setup: Client) -> None:
    root = User.objects.create_superuser("root", "root@tallybird.example", cast.PASSWORD)
    assert setup.post(page_of(root), person(root, username="toor")).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert setup.post(password, {"password1": "another long one", "password2": "another long one"}).status_code == 403


def test_nothing_that_has_tickets_is_deleted(setup: Client, ticket: Ticket) -> None:
    for row in rows(ticket):
        if isinstance(row, Tag):
            ticket.tags.add(row)
        assert setup.post(page_of(row, "delete"), {"post": "yes"}).status_code == 403
        action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        setup.post(listing(row._meta.model_name), action)
        assert type(row).objects.filter(pk=row.pk).exists()
    assert Ticket.objects.count() == 1


def test_a_tag_that_no_ticket_has_may_go(setup: Client) -> None:
    tag = Tag.objects.create(name="typo")
    assert setup.post(page_of(tag, "delete"), {"post": "yes"}).status_code == 302
    assert not Tag.objects.exists()


def test_what_others_rely_on_cannot_be_edited(setup: Client, ticket: Ticket) -> None:
    team = cast.team()
    assert setup.post(page_of(team), {"name": "Billing", "slug": "other"}).status_code == 302
    assert Team.objects.filter(pk=team.pk, name="Billing", slug="support").exists()
    values = {
        "email": "thief@elsewhere.example",
        "name": "Tomas O.",
        "tier": "paid",
        "lifetime_value": "5",
        "since": "2026-01-01",
    }
    assert setup.post(page_of(ticket.customer), values).status_code == 302
    assert Customer.objects.filter(email="tomas@okafor.example", name="Tomas O.").exists()
    assert setup.get(reverse("admin:tickets_customer_add")).status_code == 403


def test_a_renamed_customers_tickets_are_found_by_the_new_name(setup: Client, ticket: Ticket) -> None:
    values = {"name": "Tomas Zebrowski", "tier": "paid", "lifetime_value": "5", "since": "2026-01-01"}
    setup.post(page_of(ticket.customer), values)
    assert search_tickets("zebrowski") == [ticket.pk]


@pytest.mark.parametrize("table", TABLES)
def test_lists_take_the_same_queries_for_many_rows(
    setup: Client, table: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        User.objects.create(username=f"u{number}").teams.add(Team.objects.create(name=f"T{number}", slug=f"t{number}"))
        Tag.objects.create(name=f"tag{number}")
        Customer.objects.create(email=f"c{number}@x.example")
    with django_assert_max_num_queries(12):
        setup.get(listing(table))
