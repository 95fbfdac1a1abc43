from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission

from tests.databases.emptying import empty
from tickets.models import Ticket, TicketEvent, User
from tickets.search import INDEX


@pytest.mark.django_db(transaction=True)
def test_rows_go_and_what_django_makes_from_the_models_stays(ticket: Ticket, mira: User) -> None:
    TicketEvent.objects.create(ticket=ticket, kind=TicketEvent.Kind.NOTED, actor=mira)
    INDEX.put(1, ["late", "Tomas", "Where is it?"])
    before = set(Permission.objects.values_list("content_type__model", "codename"))
    empty(SimpleNamespace(_databases_names=lambda include_mirrors: ["default"]))
    assert [each for each in (Ticket, TicketEvent, User) if each.objects.exists()] == []
    assert INDEX.ids() == set()
    assert ("ticket", "change_ticket") in before
    assert set(Permission.objects.values_list("content_type__model", "codename")) == before
