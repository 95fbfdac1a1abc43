"""The menu of the queue's views with its numbers, and what the rows show."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast
from tickets.models import Customer, SavedView, Tag, Team, Ticket, User
from tickets.queue import counting, rows, views

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture
def billing() -> Team:
    return cast.team("Billing")


def saved(owner: User, name: str, audience: str = "owner") -> SavedView:
    team = cast.team() if audience == "team" else None
    fields: dict[str, Any] = {"filters": {"priority": ["4"]}, "order": "work", "team": team}
    return SavedView.objects.create(owner=owner, name=name, audience=audience, **fields)


def menu(desk: Client) -> list[tuple[str, list[str]]]:
    """Its headings, and the names below them."""
    groups = desk.get(reverse("tickets:queue")).context["groups"]
    return [(str(group), [str(view.label) for view in found]) for group, found in groups]


def numbers(desk: Client) -> dict[str, str]:
    return dict(desk.get(reverse("tickets:queue_numbers")).json())


# --- the menu -------------------------------------------------------------------------------------


def test_the_menu_has_the_views_beside_the_tabs_under_their_headings(
    desk: Client, mira: User, jonas: User, rosa: User, billing: Team
) -> None:
    mira.teams.add(billing)
    for owner, name, audience in (
        (mira, "Mine, b", "owner"),
        (mira, "Mine, a", "owner"),
        (rosa, "For all", "all"),
        (jonas, "Ours", "team"),
        (jonas, "His own", "owner"),
    ):
        saved(owner, name, audience)
    assert menu(desk) == [
        ("", ["By hand", "Escalated", "Unassigned", "Waiting for customer", "Snoozed", "Closed", "All"]),
        ("Teams", ["Billing", "Support"]),
        ("Only me", ["Mine, a", "Mine, b"]),
        ("Shared", ["For all", "Ours"]),
    ]


def test_a_heading_without_a_view_is_not_there(desk: Client, mira: User) -> None:
    mira.teams.clear()
    assert [heading for heading, _ in menu(desk)] == [""]


def test_the_page_has_the_headings_and_a_place_for_each_number(desk: Client, mira: User) -> None:
    view = saved(mira, "Refunds")
    page = desk.get(reverse("tickets:queue")).content.decode()
    for heading in ("Teams", "Only me"):
        assert f'<h3 class="menu-title">{heading}</h3>' in page
    link = page[page.index(f'data-view="saved-{view.pk}"') :]
    assert "data-number" in link[: link.index("</a>")]


def test_the_view_that_is_shown_is_the_name_of_the_menu(desk: Client, mira: User) -> None:
    view = saved(mira, "Refunds")
    page = desk.get(reverse("tickets:queue"), {"view": f"saved-{view.pk}"}).content.decode()
    summary = '<summary aria-keyshortcuts="v" title="Refunds" aria-label="View: Refunds">'
    assert f'{summary}<span class="menu-name">Refunds</span>' in page


def test_the_menu_still_names_a_saved_view_that_is_filtered(desk: Client, mira: User) -> None:
    """So it can be read which view "Save to" changes."""
    view = saved(mira, "Refunds")
    page = desk.get(reverse("tickets:queue"), {"view": f"saved-{view.pk}", "priority": "1"}).content.decode()
    assert '<span class="menu-name">Refunds</span></summary>' in page and "Save to “Refunds”" in page


def test_the_menu_says_with_which_team_a_view_is_shared(client: Client, rosa: User, mira: User, billing: Team) -> None:
    """A lead has those of all teams, which may have one name."""
    saved(mira, "Urgent ones", "team")
    SavedView.objects.create(owner=mira, name="Urgent ones.", audience="team", team=billing, order="work")
    client.force_login(rosa)
    page = client.get(reverse("tickets:queue")).content.decode()
    assert 'Urgent ones <small class="dim">Support</small>' in page
    assert 'Urgent ones. <small class="dim">Billing</small>' in page


def test_the_menu_is_sorted_as_people_sort(desk: Client, mira: User) -> None:
    for name in ("Zahlung", "ärger", "apple", "Banana"):
        saved(mira, name)
    assert menu(desk)[-1][1] == ["apple", "Banana", "Zahlung", "ärger"]


def audiences(client: Client, who: User) -> list[str]:
    """Whom the form offers to share a view with."""
    client.force_login(who)
    page = client.get(reverse("tickets:new_view")).content.decode()
    select = page[page.index('<select id="view-audience"') :]
    return re.findall(r">([^<]+)</option>", select[: select.index("</select>")])


def test_agents_share_with_their_teams_and_leads_with_everybody_too(
    client: Client, mira: User, rosa: User, billing: Team
) -> None:
    mira.teams.add(billing)
    assert audiences(client, mira) == ["Only me", "Team Billing", "Team Support"]
    assert audiences(client, rosa) == ["Only me", "Team Support", "Everybody"]


# --- its numbers ----------------------------------------------------------------------------------


def test_each_view_that_is_counted_has_its_number(desk: Client, mira: User, billing: Team) -> None:
    view, hidden = saved(mira, "Urgent"), saved(cast.jonas(), "His own")
    cast.new_ticket(priority=4, team=cast.team())
    cast.new_ticket(assignee=mira)
    found = numbers(desk)
    team = f"team-{cast.team().pk}"
    assert {key: found[key] for key in ("open", "mine", "urgent", team, f"saved-{view.pk}")} == {
        "open": "2",
        "mine": "1",
        "urgent": "1",
        team: "1",
        f"saved-{view.pk}": "1",
    }
    assert not {"closed", "all", f"team-{billing.pk}", f"saved-{hidden.pk}"} & set(found)
    assert set(found) == {view.key for view in views.of(mira).values() if view.counted}


def test_a_large_number_is_not_counted_to_its_end(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST", 2)
    for _ in range(3):
        cast.new_ticket()
    assert numbers(desk)["open"] == "1+"


def test_what_cannot_be_counted_in_time_has_no_number(
    desk: Client, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "SECONDS", 0.0)
    assert list(numbers(desk)) == ["mine"]


def test_each_number_is_one_query(desk: Client, mira: User, django_assert_num_queries: Any) -> None:
    """So that a saved view that takes long has no other one in its query."""
    for number in range(20):
        saved(mira, f"view {number}")
    counted = [view for view in views.of(mira).values() if view.counted]
    with django_assert_num_queries(4 + len(counted)):  # session, user, the member's teams, saved views
        assert len(numbers(desk)) == len(counted)


# --- what rows show -------------------------------------------------------------------------------


def choose(desk: Client, *details: str) -> None:
    assert desk.post(reverse("tickets:row_details"), {"detail": list(details)}).json() == {}


def row(desk: Client) -> str:
    page = desk.get(reverse("tickets:queue"), {"view": "all"}).content.decode()
    return page[page.index('<li id="row-') :]


@pytest.fixture
def full(ticket: Ticket) -> Ticket:
    """A ticket that has something to show for each detail."""
    Customer.objects.update(tier="enterprise")
    Ticket.objects.update(
        preparation="ready",
        category="technical",
        language="de",
        team=cast.team("Billing"),
        assignee=cast.jonas(),
        channel="web",
    )
    ticket.tags.add(Tag.objects.create(name="refund"))
    return ticket


SHOWN = {
    "preview": "I was charged twice in March.",
    "draft": "draft ready",
    "category": ">Technical<",
    "tags": ">refund<",
    "tier": ">Enterprise<",
    "language": ">de<",
    "team": ">Billing<",
    "assignee": "Assigned to Jonas Brandt",
    "channel": ">Web form<",
    "number": "#{pk} ",
}


def test_every_detail_is_in_the_table() -> None:
    assert set(SHOWN) == set(rows.DETAILS)


@pytest.mark.parametrize("detail", SHOWN)
def test_a_row_shows_a_detail_that_is_chosen_and_no_other(desk: Client, full: Ticket, detail: str) -> None:
    choose(desk, detail)
    found = row(desk)
    assert [each for each, text in SHOWN.items() if text.format(pk=full.pk) in found] == [detail]


def test_without_a_choice_rows_are_as_they_ship(desk: Client, full: Ticket) -> None:
    found = row(desk)
    assert tuple(each for each, text in SHOWN.items() if text.format(pk=full.pk) in found) == rows.SHIPPED


def test_a_row_may_show_no_detail_at_all(desk: Client, full: Ticket) -> None:
    choose(desk)
    found = row(desk)
    assert [each for each, text in SHOWN.items() if text.format(pk=full.pk) in found] == []
    assert "Charged twice in March" in found and "Tomas Okafor" in found


def test_details_are_kept_in_their_order_and_unknown_ones_are_not(desk: Client) -> None:
    choose(desk, "number", "colour", "preview")
    assert cast.mira().row_details == ["preview", "number"]


def test_each_member_chooses_for_themselves(desk: Client, jonas: User, full: Ticket) -> None:
    choose(desk, "number")
    desk.force_login(jonas)
    assert desk.get(reverse("tickets:queue")).context["details"] == rows.SHIPPED
