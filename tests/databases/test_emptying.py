from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission

from tests.databases.emptying import empty
from tickets.models import Category, Ticket, TicketEvent, User
from tickets.search import INDEX


@pytest.mark.django_db(transaction=True)
def test_rows_go_and_what_django_makes_from_the_models_stays(ticket: Ticket, mira: User) -> None:
    TicketEvent.objects.create(ticket=ticket, kind=TicketEvent.Kind.NOTED, actor=mira)
    INDEX.put(1, ["late", "Tomas", "", "Where is it?"])
    before = set(Permission.objects.values_list("content_type__model", "codename"))
    empty(SimpleNamespace(_databases_names=lambda include_mirrors: ["default"]))
    assert [each for each in (Ticket, TicketEvent, User) if each.objects.exists()] == []
    assert INDEX.ids() == set()
    assert ("ticket", "change_ticket") in before
    assert set(Permission.objects.values_list("content_type__model", "codename")) == before


@pytest.mark.django_db(transaction=True)
def test_the_categories_are_those_of_a_new_installation() -> None:
    before = list(Category.objects.values())
    Category.objects.filter(slug="billing").update(active=False)
    Category.objects.create(slug="vip", name="VIP")
    empty(SimpleNamespace(_databases_names=lambda include_mirrors: ["default"]))
    assert list(Category.objects.values()) == before and len(before) == 6
