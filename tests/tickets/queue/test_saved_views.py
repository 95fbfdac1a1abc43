"""Views of the queue that members save: who has them, who may change them, and what the menu and the rows show."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import JSONField, Value
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import cast
from tickets import live, saved_views, tasks
from tickets.models import SavedView, Tag, Team, Ticket, User
from tickets.queue import filters, views
from tickets.queue.orders import WORK
from tickets.views import saved_view_pages
from tickets.views.forms import SavedViewForm

Post = Callable[..., HttpResponse]
ODD = ([], ["status"], 7, None, {"priority": 4}, {"priority": {"a": 1}}, {"priority": [None, 4]}, {"tag": "x"})
ADDRESS = "view=open&priority=4&tag!=7&sort=newest"
pytestmark = pytest.mark.django_db


@pytest.fixture
def post(client: Client) -> Post:
    """`post(mira, "change_view", view, name="…")`: the view by its row, or none."""

    def send(who: User, what: str, view: SavedView | None = None, /, **fields: Any) -> HttpResponse:
        client.force_login(who)
        return client.post(reverse(f"tickets:{what}", args=[view.pk] if view else []), fields)

    return send


@pytest.fixture
def billing(db: None) -> Team:
    return cast.team("Billing")


def saved(owner: User, audience: str = "owner", name: str = "Refunds", **fields: Any) -> SavedView:
    fields.setdefault("team", cast.team() if audience == "team" else None)
    return SavedView.objects.create(
        owner=owner, audience=audience, name=name, filters={"priority": ["4"]}, order="work", **fields
    )


def request_of(user: User) -> Any:
    request = HttpRequest()
    request.user = user
    return request


def names(user: User) -> list[str]:
    return [str(view.label) for view in views.of(user).values() if view.saved]


def queue(client: Client, who: User, **query: Any) -> Any:
    client.force_login(who)
    return client.get(reverse("tickets:queue"), query)


# --- saving and using -----------------------------------------------------------------------------


def test_a_view_keeps_the_filters_and_the_order_that_were_shown(mira: User, post: Post) -> None:
    answer = post(mira, "save_view", name="Urgent refunds", audience="owner", address=ADDRESS)
    view = SavedView.objects.get()
    assert answer.json() == {"view": f"saved-{view.pk}"}
    assert (view.name, view.owner, view.audience, view.team) == ("Urgent refunds", mira, "owner", None)
    assert (view.filters, view.order) == ({"priority": ["4"], "tag!": ["7"]}, "newest")


def test_an_unchanged_view_can_be_saved_under_another_name(mira: User, post: Post) -> None:
    post(mira, "save_view", name="My open ones", audience="owner", address="view=mine")
    assert SavedView.objects.get().filters == {"status": ["open"], "assignee": ["me"]}


def test_a_search_is_no_view(client: Client, mira: User, post: Post) -> None:
    """Its words would be lost. The page does not offer it."""
    address = "view=all&q=refund&priority=4"
    answer = post(mira, "save_view", name="Urgent", audience="owner", address=address)
    assert (answer.status_code, answer.json()) == (422, {"error": "A search cannot be saved as a view."})
    assert not SavedView.objects.exists()
    assert b'data-do="saveView"' not in client.get(f"{reverse('tickets:queue')}?{address}").content


def test_a_saved_view_shows_its_tickets_in_its_order(client: Client, mira: User) -> None:
    first, second = cast.new_ticket(priority=4), cast.new_ticket(priority=4)
    cast.new_ticket(priority=2)
    view = saved(mira)
    SavedView.objects.update(order="newest")
    page = queue(client, mira, view=f"saved-{view.pk}")
    assert page.context["page"].tickets == [second, first]
    assert page.context["address"] == f"view=saved-{view.pk}"
    assert f'data-saved="{view.pk}"' in page.content.decode()


def test_a_view_that_is_gone_shows_own_or_open_work_instead(client: Client, mira: User, ticket: Ticket) -> None:
    view = saved(mira, removed_at=timezone.now())
    assert queue(client, mira, view=f"saved-{view.pk}").context["what"].view.key == "open"


def test_a_view_whose_tag_was_deleted_still_opens(client: Client, mira: User, ticket: Ticket) -> None:
    tag = Tag.objects.create(name="refund")
    ticket.tags.add(tag)
    view = saved(mira)
    SavedView.objects.update(filters={"tag": [str(tag.pk)]})
    tag.delete()
    page = queue(client, mira, view=f"saved-{view.pk}", sort="newest")
    assert page.context["page"].tickets == [] and "one that is gone" in page.content.decode()


def test_a_view_with_an_order_that_no_longer_exists_has_the_first(client: Client, mira: User) -> None:
    view = saved(mira)
    SavedView.objects.update(order="by-colour")
    assert queue(client, mira, view=f"saved-{view.pk}").context["what"].order.key == "work"


# --- changing -------------------------------------------------------------------------------------


def test_a_new_name_leaves_the_filters_alone(mira: User, post: Post) -> None:
    view = saved(mira)
    assert post(mira, "change_view", view, name="Urgent ones", audience="owner").status_code == 200
    view.refresh_from_db()
    assert (view.name, view.filters, view.order) == ("Urgent ones", {"priority": ["4"]}, "work")


def test_a_view_gets_the_filters_and_the_order_that_are_shown(mira: User, post: Post) -> None:
    view = saved(mira)
    answer = post(mira, "change_filters", view, address=f"view=saved-{view.pk}&priority=4&tag=none&sort=oldest")
    view.refresh_from_db()
    assert (view.filters, view.order) == ({"priority": ["4"], "tag": ["none"]}, "oldest")
    assert (answer.json()["view"], answer.json()["name"]) == (f"saved-{view.pk}", "Refunds")


@pytest.mark.parametrize(
    ("was", "order"), [({"priority": ["4"], "tag!": ["7", "9"]}, "oldest"), ({}, "newest"), ({}, "work")]
)
def test_what_a_view_showed_before_can_be_put_back(
    mira: User, post: Post, was: dict[str, list[str]], order: str
) -> None:
    view = saved(mira)
    SavedView.objects.update(filters=was, order=order)
    before = post(mira, "change_filters", view, address=f"view=saved-{view.pk}&tier=free").json()["before"]
    post(mira, "change_filters", view, address=before)
    view.refresh_from_db()
    assert (view.filters, view.order) == (was, order)


def test_a_view_can_lose_all_its_filters(mira: User, post: Post) -> None:
    view = saved(mira)
    post(mira, "change_filters", view, address=f"view=saved-{view.pk}&any=1")
    view.refresh_from_db()
    assert view.filters == {}


def test_other_filters_leave_alone_what_a_lead_changed_meanwhile(mira: User, rosa: User, post: Post) -> None:
    """The page has been open since before: it knows nothing of the new name and of who can see it."""
    view = saved(mira, "team")
    post(rosa, "change_view", view, name="For all", audience="all")
    post(mira, "change_filters", view, address=f"view=saved-{view.pk}&priority=3")
    view.refresh_from_db()
    assert (view.name, view.audience, view.filters) == ("For all", "all", {"priority": ["3"]})


def test_a_view_that_is_removed_meanwhile_stays_removed(mira: User) -> None:
    view = saved(mira)
    saved_views.remove(view, mira)
    for change in (
        lambda: saved_views.rename(view, mira, "Other"),
        lambda: saved_views.show(view, mira, filters.of(), WORK),
        lambda: saved_views.remove(view, mira),
    ):
        with pytest.raises(saved_views.Gone):
            change()
    view.refresh_from_db()
    assert (view.name, view.filters, view.removed_at is None) == ("Refunds", {"priority": ["4"]}, False)


@pytest.mark.parametrize("what", ["change_view", "change_filters", "remove_view"])
def test_of_a_view_that_is_removed_at_the_same_moment_the_page_says_so(
    mira: User, post: Post, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    view = saved(mira)
    found = saved_view_pages._changeable(request_of(mira), view.pk)
    monkeypatch.setattr(saved_view_pages, "_changeable", lambda *args: found)  # it looked before
    saved_views.remove(view, mira)
    answer = post(mira, what, view, name="Other", audience="same", address="view=all&priority=1")
    assert (answer.status_code, answer.json()) == (409, {"error": "This view is gone, or no longer shared with you."})


def test_a_lead_does_not_change_what_its_owner_made_private_meanwhile(mira: User, rosa: User) -> None:
    view = saved(mira, "all")
    SavedView.objects.update(audience="owner")
    for change in (
        lambda: saved_views.rename(view, rosa, "Hers", "owner"),
        lambda: saved_views.show(view, rosa, filters.of(), WORK),
        lambda: saved_views.remove(view, rosa),
    ):
        with pytest.raises(saved_views.Gone):
            change()
    view.refresh_from_db()
    assert (view.name, view.owner, view.filters, view.removed_at) == ("Refunds", mira, {"priority": ["4"]}, None)


def test_of_a_removed_view_that_is_forgotten_at_the_same_moment_the_page_says_so(
    mira: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = saved(mira)
    saved_views.remove(view, mira)
    monkeypatch.setattr(saved_view_pages, "_changeable", lambda *args, **removed: view)  # it looked before
    SavedView.objects.filter(pk=view.pk).delete()
    assert post(mira, "put_back_view", view).status_code == 409


def test_a_new_name_does_not_take_back_what_a_lead_shared_meanwhile(mira: User, rosa: User, post: Post) -> None:
    """In the form, opened before, "who can see it" is as it was."""
    view = saved(mira)
    SavedView.objects.update(audience="all")
    post(mira, "change_view", view, name="Refunds!", audience="same")
    view.refresh_from_db()
    assert (view.name, view.audience, view.owner) == ("Refunds!", "all", mira)


def test_an_address_with_what_does_not_exist_is_not_saved(mira: User, post: Post) -> None:
    answer = post(mira, "save_view", name="x", audience="owner", address="view=open&priority=9&colour=red")
    assert (answer.status_code, answer.json()) == (422, {"error": "There is no such filter: Priority: 9, colour."})


@pytest.mark.parametrize("odd", ODD)
def test_no_stored_filters_are_an_error(client: Client, mira: User, odd: Any) -> None:
    view = saved(mira)
    SavedView.objects.update(filters=Value(odd, JSONField()))
    assert queue(client, mira, view=f"saved-{view.pk}").status_code == 200


@pytest.mark.parametrize("what", ["save_view", "change_filters"])
def test_the_filters_of_a_view_that_is_gone_are_not_saved(mira: User, post: Post, what: str) -> None:
    """They would be those of another list."""
    view = saved(mira)
    sent = {"name": "Other", "audience": "owner", "address": "view=saved-4711"}
    answer = post(mira, what, view if what == "change_filters" else None, **sent)
    assert answer.status_code == 409 and "gone" in answer.json()["error"]
    assert [(each.name, each.filters) for each in SavedView.objects.all()] == [("Refunds", {"priority": ["4"]})]


def test_a_view_that_is_shared_with_a_team_can_be_made_private_again(mira: User, post: Post) -> None:
    view = saved(mira, "team")
    post(mira, "change_view", view, name=view.name, audience="owner", team=cast.team().pk)
    view.refresh_from_db()
    assert (view.audience, view.team) == ("owner", None)


def test_a_removed_view_is_gone_until_it_is_put_back(mira: User, post: Post) -> None:
    view = saved(mira)
    assert post(mira, "remove_view", view).json() == {}
    assert names(mira) == []
    assert post(mira, "put_back_view", view).json() == {"view": f"saved-{view.pk}", "name": "Refunds"}
    assert names(mira) == ["Refunds"]


def test_only_what_is_there_is_removed_and_only_what_was_removed_is_put_back(mira: User, post: Post) -> None:
    view = saved(mira)
    assert post(mira, "put_back_view", view).status_code == 404
    post(mira, "remove_view", view)
    assert post(mira, "remove_view", view).status_code == 404
    assert post(mira, "change_view", view, name="x", audience="owner").status_code == 404


def test_what_was_removed_more_than_a_day_ago_is_deleted(mira: User, post: Post) -> None:
    now = timezone.now()
    saved(mira, name="old", removed_at=now - saved_views.KEPT - timedelta(minutes=1))
    saved(mira, name="new", removed_at=now - saved_views.KEPT + timedelta(minutes=1))
    post(mira, "remove_view", saved(mira, name="last"))
    assert tasks.forget_removed_views() == 1
    assert set(SavedView.objects.values_list("name", flat=True)) == {"new", "last"}


def test_open_desks_are_told_that_a_view_has_changed(
    mira: User, post: Post, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(live, "send", lambda group, event: sent.append((group, event["type"])))
    view = saved(mira, "team")
    doings: list[tuple[str, SavedView | None, dict[str, Any]]] = [
        ("save_view", None, {"name": "Other", "audience": "team", "team": cast.team().pk, "address": ADDRESS}),
        ("change_view", view, {"name": "Another", "audience": "same"}),
        ("change_filters", view, {"address": "view=all&priority=1"}),
        ("remove_view", view, {}),
        ("put_back_view", view, {}),
        ("change_view", view, {"name": "My own", "audience": "owner"}),  # the others lose it
    ]
    for name, which, fields in doings:
        with django_capture_on_commit_callbacks(execute=True):
            assert post(mira, name, which, **fields).status_code == 200
        assert sent == [(live.QUEUE_GROUP, "queue.changed")], name
        sent.clear()
    with django_capture_on_commit_callbacks(execute=True):
        post(mira, "remove_view", saved(mira, name="Private"))
    assert sent == []


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Give the view a name."),
        ({"name": "   "}, "Give the view a name."),
        ({"audience": "team"}, "Choose a team that you are in."),
        ({"audience": "team", "team": "987654"}, "Choose a team that you are in."),
        ({"audience": "all"}, "Only leads share a view with everybody."),
    ],
)
def test_a_refusal_is_one_sentence_and_saves_nothing(
    mira: User, post: Post, fields: dict[str, str], sentence: str
) -> None:
    for name, view in (("save_view", None), ("change_view", saved(mira))):
        answer = post(mira, name, view, **{"name": "Other", "audience": "owner", "address": ADDRESS} | fields)
        assert (answer.status_code, answer.json()) == (422, {"error": sentence}), name
    assert [(view.name, view.audience) for view in SavedView.objects.all()] == [("Refunds", "owner")]


def test_a_member_has_no_two_views_of_one_name(mira: User, jonas: User, post: Post) -> None:
    saved(jonas)
    sent = {"audience": "owner", "address": ADDRESS}
    assert post(mira, "save_view", name="Refunds", **sent).status_code == 200
    answer = post(mira, "save_view", name=" refunds ", **sent)
    assert answer.json() == {"error": "There is a view with this name already."}
    assert post(mira, "change_view", mira.saved_views.get(), name="REFUNDS", audience="owner").status_code == 200


def test_no_view_has_the_name_of_one_in_the_menu(mira: User, jonas: User, post: Post) -> None:
    saved(jonas, "team", name="Ärger")
    for name in ("Open", "support", "ärger"):
        answer = post(mira, "save_view", name=name, audience="owner", address=ADDRESS)
        assert answer.json() == {"error": "There is a view with this name already."}, name


def test_of_two_saves_at_the_same_moment_one_is_refused(
    mira: User, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SavedViewForm, "clean_name", lambda form: form.cleaned_data["name"])  # both looked before
    saved(mira)
    answer = post(mira, "save_view", name="Refunds", audience="owner", address=ADDRESS)
    assert (answer.status_code, answer.json()) == (422, {"error": "There is a view with this name already."})


def test_a_view_is_put_back_beside_one_that_has_its_name_by_now(mira: User, post: Post) -> None:
    view = saved(mira, removed_at=timezone.now())
    saved(mira)
    assert post(mira, "put_back_view", view).json()["name"] == "Refunds (2)"
    assert names(mira) == ["Refunds", "Refunds (2)"]


def test_a_member_has_no_more_views_than_a_menu_should(mira: User, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    view = saved(mira)
    answer = post(mira, "save_view", name="Other", audience="owner", address=ADDRESS)
    assert answer.json() == {"error": "You have as many views as a member can have (1). Remove one first."}
    assert post(mira, "change_view", view, name="Other", audience="owner").status_code == 200


def test_the_name_of_a_removed_view_is_free(mira: User, post: Post) -> None:
    saved(mira, removed_at=timezone.now())
    assert post(mira, "save_view", name="Refunds", audience="owner", address=ADDRESS).status_code == 200


def test_nobody_shares_with_a_team_that_they_are_not_in(mira: User, rosa: User, post: Post, billing: Team) -> None:
    for who in (mira, rosa):
        answer = post(who, "save_view", name="x", audience="team", team=billing.pk, address=ADDRESS)
        assert answer.json() == {"error": "Choose a team that you are in."}
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("fields", [{"name": "x" * 61}, {"audience": "world"}])
def test_what_no_page_sends_is_refused(mira: User, post: Post, fields: dict[str, str]) -> None:
    sent = {"name": "x", "audience": "owner", "address": ADDRESS} | fields
    assert post(mira, "save_view", **sent).status_code == 422
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["save_view", "change_view", "change_filters", "remove_view", "put_back_view"])
def test_a_get_changes_nothing(client: Client, mira: User, name: str) -> None:
    view = saved(mira, removed_at=timezone.now() if name == "put_back_view" else None)
    client.force_login(mira)
    arguments = [] if name == "save_view" else [view.pk]
    assert client.get(reverse(f"tickets:{name}", args=arguments)).status_code == 405


# --- who has a view, and who may change it --------------------------------------------------------


def test_each_member_has_their_own_views_and_those_that_are_shared_with_them(
    mira: User, jonas: User, rosa: User, billing: Team
) -> None:
    jonas.teams.set([billing])
    saved(mira, name="Mira's")
    saved(jonas, name="Jonas's")
    saved(mira, "team", name="Support's")
    saved(rosa, "all", name="Everybody's")
    assert names(mira) == ["Mira's", "Everybody's", "Support's"]
    assert names(jonas) == ["Jonas's", "Everybody's"]
    assert names(rosa) == ["Everybody's", "Support's"]  # a lead has all shared ones


def test_an_owner_who_leaves_the_team_keeps_the_view_and_leads_have_those_of_all_teams(
    mira: User, jonas: User, rosa: User, billing: Team
) -> None:
    saved(mira, "team", team=billing)
    assert [names(who) for who in (mira, jonas, rosa)] == [["Refunds"], [], ["Refunds"]]


def test_a_view_is_shared_with_a_team(mira: User, jonas: User, billing: Team, post: Post) -> None:
    post(mira, "save_view", name="Ours", audience="team", team=cast.team().pk, address=ADDRESS)
    assert names(jonas) == ["Ours"]
    jonas.teams.set([billing])
    assert names(jonas) == []


def test_a_lead_shares_a_view_with_everybody(rosa: User, ada: User, post: Post) -> None:
    post(rosa, "save_view", name="For all", audience="all", address=ADDRESS)
    assert names(ada) == ["For all"]


def test_me_in_a_shared_view_is_who_looks(client: Client, mira: User, jonas: User) -> None:
    cast.new_ticket(assignee=mira)
    his = cast.new_ticket(assignee=jonas)
    view = saved(mira, "team")
    SavedView.objects.update(filters={"assignee": ["me"]})
    assert queue(client, jonas, view=f"saved-{view.pk}").context["page"].tickets == [his]


@pytest.mark.parametrize(
    ("who", "audience", "may"),
    [
        ("mira", "owner", True),
        ("mira", "team", True),
        ("mira", "all", True),
        ("jonas", "owner", False),
        ("jonas", "team", False),
        ("jonas", "all", False),
        ("rosa", "owner", False),
        ("rosa", "team", True),
        ("rosa", "all", True),
    ],
)
def test_a_shared_view_of_mira_is_changed_by_her_and_by_leads_and_a_private_one_by_her_alone(
    request: pytest.FixtureRequest, mira: User, post: Post, who: str, audience: str, may: bool
) -> None:
    user, view = request.getfixturevalue(who), saved(mira, audience)
    gone = saved(mira, audience, removed_at=timezone.now())
    expected = 200 if may else 404
    assert post(user, "put_back_view", gone).status_code == expected
    assert post(user, "change_view", view, name="x", audience="team", team=cast.team().pk).status_code == expected
    SavedView.objects.filter(pk=view.pk).update(audience=audience, team=view.team)
    assert post(user, "remove_view", view).status_code == expected


def test_the_page_offers_to_change_a_view_to_those_only_who_may(client: Client, mira: User, jonas: User) -> None:
    view = saved(mira, "team")
    shown_to = {who: queue(client, who, view=f"saved-{view.pk}").content.decode() for who in (mira, jonas)}
    assert ['data-do="removeView"' in shown_to[who] for who in (mira, jonas)] == [True, False]


def chosen_audience(client: Client, who: User, view: SavedView) -> str:
    client.force_login(who)
    form = client.get(reverse("tickets:view_form", args=[view.pk])).content.decode()
    return next(iter(re.findall(r"<option [^>]*selected>([^<]+)<", form)))


def test_the_form_offers_what_a_view_is_now_to_those_too_who_could_not_choose_it(
    client: Client, mira: User, rosa: User
) -> None:
    """Or who corrects its name would take it away from the others."""
    everybody, others = saved(mira, "all"), saved(mira, "team", "Billing's", team=cast.team("Billing"))
    assert chosen_audience(client, mira, everybody) == "Everybody"
    assert [chosen_audience(client, who, others) for who in (mira, rosa)] == ["Team Billing"] * 2


def test_the_form_is_for_those_only_who_may_change_the_view(client: Client, mira: User, jonas: User) -> None:
    view = saved(mira, "team")
    client.force_login(jonas)
    assert client.get(reverse("tickets:view_form", args=[view.pk])).status_code == 404


def test_a_private_view_goes_with_its_owner(mira: User) -> None:
    saved(mira)
    mira.delete()
    tasks.forget_removed_views()
    assert not SavedView.objects.exists()


def test_a_shared_view_outlives_its_owner(mira: User, jonas: User, rosa: User, post: Post) -> None:
    view = saved(mira, "team")
    mira.delete()
    assert names(jonas) == ["Refunds"]
    assert post(rosa, "remove_view", view).status_code == 200


def test_a_lead_who_makes_a_shared_view_private_has_it_from_then_on(mira: User, rosa: User, post: Post) -> None:
    view = saved(mira, "team")
    post(rosa, "change_view", view, name="Rosa's", audience="owner")
    assert (names(rosa), names(mira)) == (["Rosa's"], [])


def test_a_view_of_a_team_goes_with_the_team(mira: User, jonas: User) -> None:
    saved(mira, "team")
    cast.team().delete()
    assert (names(mira), names(jonas)) == ([], [])


# --- what has changed since it was saved ----------------------------------------------------------


def test_a_field_that_no_longer_exists_is_told(client: Client, mira: User) -> None:
    view = saved(mira)
    SavedView.objects.update(filters={"priority": ["4"], "colour": ["red"]})
    page = queue(client, mira, view=f"saved-{view.pk}")
    assert page.context["what"].filters.unknown == ("colour",)
    assert "left out: colour" in page.content.decode()


def test_its_owner_renames_a_view_of_everybody_and_of_a_team_that_they_left(mira: User, post: Post) -> None:
    for audience, team in (("all", ""), ("team", cast.team("Billing"))):
        view = saved(mira, audience, team=team or None)
        fields = {"name": f"Now {audience}", "audience": audience, "team": team.pk if team else ""}
        assert post(mira, "change_view", view, **fields).status_code == 200, audience
        view.refresh_from_db()
        assert (view.name, view.audience) == (f"Now {audience}", audience)
