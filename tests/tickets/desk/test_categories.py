"""Categories of tickets: admins edit them within limits, and the queue shows their labels."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests import cast
from tickets.models import Category, Ticket, User
from tickets.models.categories import LEAST, MOST, SHIPPED

pytestmark = pytest.mark.django_db
LISTING = "admin:tickets_category_changelist"


@pytest.fixture
def setup(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def change(category: Category) -> str:
    return reverse("admin:tickets_category_change", args=[category.pk])


def values(slug: str, *, active: bool, **changes: str) -> dict[str, str]:
    given = {"slug": slug, "name": slug.capitalize(), "description": "", "position": "70"} | changes
    return given | ({"active": "on"} if active else {})


def add(client: Client, slug: str, *, active: bool = True, **changes: str) -> str:
    """What the page says; empty if the category was added."""
    answer = client.post(reverse("admin:tickets_category_add"), values(slug, active=active, **changes))
    return "" if answer.status_code == 302 else answer.content.decode()


def many(active: int) -> None:
    Category.objects.bulk_create(
        Category(slug=f"own{number}", name=f"Own {number}") for number in range(active - Category.objects.count())
    )


def test_a_new_installation_has_six() -> None:
    shipped = list(Category.objects.all())
    assert [each.slug for each in shipped] == [
        *("billing", "technical", "account", "product_question", "feature_request", "complaint")
    ]
    assert [each.name for each in shipped] == list(SHIPPED)
    assert all(each.active and each.description for each in shipped)


def test_shipped_names_are_translated_and_own_ones_are_not() -> None:
    billing, own = Category.objects.get(slug="billing"), Category(slug="technical", name="Technik & Co")
    with translation.override("de"):
        assert (billing.label, str(billing), own.label) == ("Abrechnung", "Abrechnung", "Technik & Co")
    billing.name = "Invoices"
    with translation.override("de"):
        assert billing.label == "Invoices"


def test_the_queue_shows_the_label(client: Client, mira: User) -> None:
    Category.objects.filter(slug="billing").update(name="Invoices <b>", active=False)
    cast.new_ticket(category_id="billing")
    cast.new_ticket(category_id="feature_request")
    client.force_login(mira)
    page = client.get(reverse("tickets:queue"), {"view": "open"}).content.decode()
    assert ">Invoices &lt;b&gt;<" in page and ">Feature request<" in page


@pytest.mark.parametrize("who", ["", "mira", "rosa", "ken", "otto"])
def test_other_roles_are_kept_out(client: Client, who: str, request: Any) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    billing = Category.objects.get(slug="billing")
    for url in (reverse(LISTING), reverse("admin:tickets_category_add"), change(billing)):
        assert client.get(url).status_code in {302, 403}, url
        assert client.post(url, values("vip", active=True)).status_code in {302, 403}, url
    assert list(Category.objects.filter(slug="vip")) == [] and Category.objects.get(slug="billing").name == "Billing"


def test_the_list_counts_open_tickets_in_the_order_of_positions(setup: Client, ticket: Ticket) -> None:
    Ticket.objects.update(category="technical")
    cast.new_ticket(category_id="technical")
    cast.new_ticket(category_id="technical", status="pending")
    Category.objects.create(slug="vip", name="VIP", position=15)
    listed = setup.get(reverse(LISTING)).context["cl"].result_list
    assert [each.slug for each in listed][:3] == ["billing", "vip", "technical"]
    assert [each.open for each in listed][:3] == [0, 0, 2]


def test_the_form_says_who_reads_the_description(setup: Client) -> None:
    assert "so do leads who check the classifier" in setup.get(reverse("admin:tickets_category_add")).content.decode()


def test_a_new_category_is_added_and_renamed_but_keeps_its_slug(setup: Client) -> None:
    assert add(setup, "Vip_1-a", name="VIP") == ""
    vip = Category.objects.get(slug="Vip_1-a")
    page = setup.get(change(vip)).content.decode()
    assert 'name="name"' in page and 'name="slug"' not in page
    assert setup.post(change(vip), values("other", active=True, name="Important")).status_code == 302
    assert list(Category.objects.filter(name="Important").values_list("slug", flat=True)) == ["Vip_1-a"]
    assert not Category.objects.filter(slug="other").exists()


@pytest.mark.parametrize(
    ("slug", "why"),
    [
        ("billing", "already exists"),
        ("two words", "letters, numbers, underscores or hyphens"),
        ("größe", "letters, numbers, underscores or hyphens"),
        ("x" * 41, "at most 40"),
        ("none", "without a category"),
    ],
)
def test_slugs_that_are_refused(setup: Client, slug: str, why: str) -> None:
    assert why in add(setup, slug)
    assert Category.objects.count() == len(SHIPPED)


def test_at_most_fifteen_are_active(setup: Client) -> None:
    many(MOST - 1)
    assert add(setup, "fifteenth") == ""
    assert "At most 15 categories can be active" in add(setup, "sixteenth")
    assert add(setup, "sixteenth", active=False) == ""
    sixteenth = Category.objects.get(slug="sixteenth")
    assert b"Deactivate another one first" in setup.post(change(sixteenth), values("", active=True, name="x")).content
    # One that is active already can be changed all the same.
    fifteenth = Category.objects.get(slug="fifteenth")
    assert setup.post(change(fifteenth), values("", active=True, name="Renamed")).status_code == 302
    assert setup.post(change(fifteenth), values("", active=False, name="Renamed")).status_code == 302
    assert setup.post(change(sixteenth), values("", active=True, name="x")).status_code == 302
    assert Category.objects.filter(active=True).count() == MOST


def test_at_least_five_stay_active(setup: Client, ticket: Ticket) -> None:
    Ticket.objects.update(category="complaint")
    complaint, billing = (Category.objects.get(slug=slug) for slug in ("complaint", "billing"))
    assert setup.post(change(complaint), values("", active=False, name="Complaint")).status_code == 302
    page = setup.post(change(billing), values("", active=False, name="Billing")).content.decode()
    assert "At least 5 categories must be active" in page
    assert Category.objects.filter(active=True).count() == LEAST
    assert Ticket.objects.get().category_id == "complaint"  # tickets keep what they have
    # The one that is not active can still be renamed.
    assert setup.post(change(complaint), values("", active=False, name="Complaints")).status_code == 302


def test_nobody_deletes_one(setup: Client) -> None:
    own = Category.objects.create(slug="own", name="Own")
    assert setup.post(reverse("admin:tickets_category_delete", args=[own.pk]), {"post": "yes"}).status_code == 403
    setup.post(reverse(LISTING), {"action": "delete_selected", "_selected_action": [own.pk], "post": "yes"})
    assert Category.objects.filter(slug="own").exists()


def test_the_list_takes_the_same_queries_for_many_rows(setup: Client, django_assert_max_num_queries: Any) -> None:
    many(MOST)
    for category in Category.objects.all():
        cast.new_ticket(category=category)
    with django_assert_max_num_queries(12):
        setup.get(reverse(LISTING))
