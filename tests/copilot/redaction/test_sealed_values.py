"""What a ticket's placeholders stand for is stored encrypted, and works as before."""

from typing import Any

import pytest
from django.db import connection

from config.running import doctor
from copilot.drafting.record import shown_text
from copilot.models import Draft, MaskedValue
from copilot.redaction import values
from tests import cast
from tests.copilot.redaction.test_sealing import NEW, OLD
from tickets.models import Customer, Ticket

pytestmark = pytest.mark.django_db
ANA, IBAN = "ana@mail.example", "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def asked(settings: Any) -> Ticket:
    """A ticket with two masked values, from the time of the old key."""
    settings.SECRET_KEY = OLD
    ticket = cast.new_ticket(text=f"Write to {ANA}, {IBAN}")
    values.add(ticket.pk, {"EMAIL_1": ANA, "IBAN_1": IBAN})
    return ticket


@pytest.fixture
def lost(asked: Ticket, settings: Any) -> Ticket:
    """The same after SECRET_KEY was replaced and forgotten."""
    settings.SECRET_KEY = NEW
    return asked


def shown(ticket: Ticket, text: str) -> str:
    return shown_text(Draft(ticket=ticket, message=ticket.messages.get(), state=Draft.State.READY, text=text))


def test_no_value_is_in_the_table_in_the_clear(asked: Ticket) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {MaskedValue._meta.db_table}")
        stored = str(cursor.fetchall())
    assert "EMAIL_1" in stored
    assert [each for each in ("ana", "example", "DE89", "3704", "0532") if each in stored] == []


def test_a_draft_shows_the_values(asked: Ticket) -> None:
    assert shown(asked, "Hi <NAME>, <EMAIL_1> and <IBAN_1>") == f"Hi Tomas, {ANA} and {IBAN}"


def test_a_list_of_tickets_needs_no_query_for_each(asked: Ticket, django_assert_num_queries: Any) -> None:
    values.add(cast.new_ticket(cast.lena()).pk, {"EMAIL_1": "bo@mail.example"})
    with django_assert_num_queries(2):
        found = [values.known(ticket) for ticket in Ticket.objects.order_by("pk").prefetch_related("masked_values")]
    assert found == [{"EMAIL_1": ANA, "IBAN_1": IBAN}, {"EMAIL_1": "bo@mail.example"}]


def test_the_same_may_be_added_again_but_nothing_else_under_its_placeholder(asked: Ticket) -> None:
    values.add(asked.pk, {"EMAIL_1": ANA})
    with pytest.raises(values.PlaceholderTaken):
        values.add(asked.pk, {"EMAIL_1": "bo@mail.example"})
    assert values.known(asked)["EMAIL_1"] == ANA


class TestAfterAnotherSecretKey:
    def test_the_old_one_among_the_fallbacks_opens(self, lost: Ticket, settings: Any) -> None:
        settings.SECRET_KEY_FALLBACKS = [OLD]
        assert shown(lost, "<EMAIL_1>") == ANA
        assert values.masker_of(lost).mask(f"{ANA}, cy@mail.example") == "<EMAIL_1>, <EMAIL_2>"

    def test_without_it_the_placeholder_stays_on_the_screen(self, lost: Ticket) -> None:
        assert shown(lost, "Hi <NAME>, <EMAIL_1>") == "Hi Tomas, <EMAIL_1>"

    def test_its_number_is_not_given_again(self, lost: Ticket) -> None:
        masker = values.masker_of(lost)
        assert masker.mask("bo@mail.example") == "<EMAIL_2>"
        values.add(lost.pk, masker.added)
        assert values.known(lost) == {"EMAIL_1": "", "IBAN_1": "", "EMAIL_2": "bo@mail.example"}

    def test_a_process_that_did_not_know_of_it_masks_again(self, lost: Ticket) -> None:
        with pytest.raises(values.PlaceholderTaken):
            values.add(lost.pk, {"EMAIL_1": ANA})


class TestOnWhichTicketsAValueWasMasked:
    def test_however_it_is_written_there(self, asked: Ticket) -> None:
        wanted = {"de89370400440532013000", "ANA@mail.example", "bo@mail.example"}
        assert sorted(values.customers_with(wanted)) == [
            ("ANA@mail.example", asked.customer_id),
            ("de89370400440532013000", asked.customer_id),
        ]

    def test_each_customer_once(self, asked: Ticket, django_assert_num_queries: Any) -> None:
        for customer in (asked.customer, cast.lena()):
            values.add(cast.new_ticket(customer).pk, {"EMAIL_1": ANA, "EMAIL_2": ANA.upper()})
        with django_assert_num_queries(1):
            found = list(values.customers_with({ANA}))
        assert sorted(found) == sorted((ANA, pk) for pk in Customer.objects.values_list("pk", flat=True))

    def test_with_the_key_from_before_too(self, lost: Ticket, settings: Any) -> None:
        assert list(values.customers_with({ANA})) == []
        settings.SECRET_KEY_FALLBACKS = [OLD]
        assert list(values.customers_with({ANA})) == [(ANA, lost.customer_id)]

    def test_it_is_looked_up_in_an_index(self, asked: Ticket) -> None:
        with connection.cursor() as cursor:
            names = connection.introspection.get_constraints(cursor, MaskedValue._meta.db_table)
        assert [each["columns"] for each in names.values() if each["index"] and "fingerprint" in each["columns"]] == [
            ["fingerprint"]
        ]


class TestDoctor:
    def test_all_can_be_opened(self, asked: Ticket) -> None:
        assert doctor.examine("masked values")[0].state == "ok"

    def test_the_key_from_before_is_missing(
        self, lost: Ticket, settings: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(values, "SAMPLE", 1)
        values.add(lost.pk, {"EMAIL_2": "bo@mail.example"})
        with django_assert_num_queries(2):
            (found,) = doctor.examine("masked values")
        assert found.state == "degraded" and "At least 1 masked values were sealed with another" in found.why
        assert "SECRET_KEY_FALLBACKS" in found.mend
        settings.SECRET_KEY_FALLBACKS = [OLD]
        assert doctor.examine("masked values")[0].state == "ok"
