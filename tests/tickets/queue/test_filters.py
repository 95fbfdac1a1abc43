"""The filters of the queue: which tickets each field lets pass, and how a filter is said in words."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.http import QueryDict
from django.utils import timezone

from tests import cast
from tickets.models import Attachment, Customer, Tag, Ticket, User
from tickets.queue import filters, ticket_fields
from tickets.queue.fields import Asked
from tickets.queue.ticket_fields import FIELDS

Made = Callable[[], Ticket]


def passed(user: User, address: str) -> list[Ticket]:
    """What the filters of an address let pass, the oldest first."""
    where = filters.from_address(QueryDict(address)).where(Asked(user, timezone.now()))
    return list(Ticket.objects.filter(where).order_by("pk"))


def tag(name: str) -> Tag:
    return Tag.objects.get_or_create(name=name)[0]


def tagged(*names: str, **more: Any) -> Ticket:
    ticket = cast.new_ticket(**more)
    ticket.tags.add(*[tag(name) for name in names])
    return ticket


def with_file() -> Ticket:
    ticket = cast.new_ticket()
    for name in ("a.txt", "b.txt"):
        file = ContentFile(b"x", name)
        Attachment.objects.create(message=ticket.messages.get(), filename=name, size=1, file=file)
    return ticket


def changed(moment: datetime) -> Ticket:
    ticket = cast.new_ticket()
    Ticket.objects.filter(pk=ticket.pk).update(updated_at=moment)
    return ticket


def of(**given: Any) -> Made:
    return lambda: cast.new_ticket(**{key: value() if callable(value) else value for key, value in given.items()})


def ago(**time: float) -> Callable[[], datetime]:
    return lambda: timezone.now() - timedelta(**time)


# An address, a ticket that passes, and one that does not. Names in braces are the ids of these rows.
EACH: list[tuple[str, Made, Made]] = [
    ("status=pending", of(status="pending"), of()),
    ("status=closed", of(status="closed", closed_at=timezone.now), of(status="pending")),
    ("priority=4", of(priority=4), of(priority=3)),
    ("assignee=me", of(assignee=cast.mira), of(assignee=cast.jonas)),
    ("assignee=none", of(), of(assignee=cast.mira)),
    ("assignee={jonas}", of(assignee=cast.jonas), of()),
    ("team=mine", of(team=cast.team), of(team=lambda: cast.team("Billing"))),
    ("team=none", of(), of(team=cast.team)),
    ("team={billing}", of(team=lambda: cast.team("Billing")), of()),
    ("category=billing", of(category_id="billing"), of()),
    ("category=none", of(), of(category_id="billing")),
    ("tag={refund}", lambda: tagged("refund", "vip"), lambda: tagged("vip")),
    ("tag=none", of(), lambda: tagged("refund")),
    ("draft=ready", of(preparation="ready"), of()),
    ("draft=none", of(), of(preparation="ready")),
    ("escalated=yes", of(handoff_due_at=ago(hours=-1)), of()),
    ("escalated=late", of(handoff_due_at=ago(hours=1)), of(handoff_due_at=ago(hours=-1))),
    ("escalated=no", of(), of(handoff_due_at=ago(hours=1))),
    ("answered=yes", of(first_response_at=timezone.now), of()),
    ("answered=no", of(), of(first_response_at=timezone.now)),
    ("files=yes", with_file, of()),
    ("files=no", of(), with_file),
    ("channel=web", of(channel="web"), of()),
    ("language=de", of(language="de"), of(language="en")),
    ("language=none", of(language=""), of(language="en")),
    ("tier=free", of(customer=cast.lena), of(customer=cast.tomas)),
    ("customer=haas", of(customer=cast.lena), of(customer=cast.tomas)),
    ("customer=TOMAS+OK", of(customer=cast.tomas), of(customer=cast.lena)),
    ("waiting=4h", of(waiting_since=ago(hours=4.1)), of(waiting_since=ago(hours=3.9))),
    (
        "waiting=1h",
        of(waiting_since=ago(hours=2)),
        of(waiting_since=ago(hours=2), status="closed", closed_at=ago(hours=1)),
    ),
    ("created=7d", of(created_at=ago(days=5)), of(created_at=ago(days=8))),
    ("changed=7d", of(), lambda: changed(timezone.now() - timedelta(days=8))),
    (
        "closed=30d",
        of(status="closed", closed_at=ago(days=20)),
        of(status="closed", closed_at=ago(days=40)),
    ),
]


@pytest.fixture
def names(mira: User) -> dict[str, int]:
    return {"jonas": cast.jonas().pk, "billing": cast.team("Billing").pk, "refund": tag("refund").pk}


# --- what passes ----------------------------------------------------------------------------------


def test_every_field_is_in_the_table() -> None:
    """Those of other apps are tested with these apps."""
    own = {key for key, field in FIELDS.items() if field.where.__module__ == ticket_fields.__name__}
    assert {address.partition("=")[0] for address, _, _ in EACH} == own


@pytest.mark.parametrize(("address", "passing", "other"), EACH, ids=[row[0] for row in EACH])
def test_a_field_lets_its_tickets_pass_and_no_others(
    mira: User, names: dict[str, int], address: str, passing: Made, other: Made
) -> None:
    there = passing()
    other()
    assert passed(mira, address.format(**names)) == [there]


TURNED = [row for row in EACH if FIELDS[row[0].partition("=")[0]].may_be_negated]


@pytest.mark.parametrize(("address", "passing", "other"), TURNED, ids=[row[0] for row in TURNED])
def test_a_field_that_is_turned_round_lets_all_others_pass(
    mira: User, names: dict[str, int], address: str, passing: Made, other: Made
) -> None:
    passing()
    left = other()
    assert passed(mira, address.replace("=", "!=").format(**names)) == [left]


def test_turned_round_a_field_also_lets_tickets_pass_that_have_nothing_there(mira: User, ticket: Ticket) -> None:
    billing = cast.team("Billing").pk
    for address in (f"team!={billing}", "team!=mine", "category!=billing", f"assignee!={mira.pk}", "escalated!=late"):
        assert passed(mira, address) == [ticket], address


def test_a_form_turns_a_field_round_with_a_field_of_its_own(mira: User, ticket: Ticket) -> None:
    refund = tagged("refund").tags.get()
    assert passed(mira, f"tag={refund.pk}&not=tag") == [ticket]


def test_values_of_one_field_are_alternatives(mira: User) -> None:
    high, urgent = cast.new_ticket(priority=3), cast.new_ticket(priority=4)
    cast.new_ticket(priority=1)
    assert passed(mira, "priority=3&priority=4") == [high, urgent]


def test_none_and_a_value_are_alternatives_too(mira: User, names: dict[str, int]) -> None:
    free, his = cast.new_ticket(), cast.new_ticket(assignee=cast.jonas())
    hers = cast.new_ticket(assignee=mira)
    assert passed(mira, f"assignee=none&assignee={names['jonas']}") == [free, his]
    assert passed(mira, f"assignee!=none&assignee!={names['jonas']}") == [hers]


def test_a_ticket_with_two_of_the_tags_is_there_once(mira: User) -> None:
    both = tagged("refund", "vip")
    assert passed(mira, "&".join(f"tag={each.pk}" for each in Tag.objects.all())) == [both]


def test_fields_add_up(mira: User) -> None:
    both = tagged("refund", priority=4)
    tagged("refund")
    cast.new_ticket(priority=4)
    assert passed(mira, f"priority=4&tag={tag('refund').pk}") == [both]


def test_a_field_and_its_opposite_add_up(mira: User) -> None:
    plain = tagged("refund")
    tagged("refund", "vip")
    assert passed(mira, f"tag={tag('refund').pk}&tag!={tag('vip').pk}") == [plain]


@pytest.mark.parametrize("key", ["answered", "files", "escalated", "priority"])
def test_all_values_of_a_field_let_everything_pass_and_turned_round_nothing(
    mira: User, ticket: Ticket, key: str
) -> None:
    values = [choice.value for choice in FIELDS[key].choices(None)]
    assert passed(mira, urlencode([(key, value) for value in values])) == [ticket]
    assert passed(mira, urlencode([(f"{key}!", value) for value in values])) == []


def test_me_and_my_teams_are_those_of_who_asks(mira: User, jonas: User) -> None:
    jonas.teams.set([cast.team("Billing")])
    hers = cast.new_ticket(assignee=mira, team=cast.team("Support"))
    his = cast.new_ticket(assignee=jonas, team=cast.team("Billing"))
    for address in ("assignee=me", "team=mine"):
        assert (passed(mira, address), passed(jonas, address)) == ([hers], [his])


def test_a_member_of_no_team_has_no_ticket_of_a_team(ada: User) -> None:
    cast.new_ticket(team=cast.team())
    assert passed(ada, "team=mine") == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "' OR 1=1", "%%s"])
def test_what_is_looked_for_in_a_name_is_no_pattern(mira: User, ticket: Ticket, text: str) -> None:
    assert passed(mira, urlencode({"customer": text})) == []


# --- in words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("priority=4&priority=3", "Priority: Urgent, High"),
        ("assignee=me&assignee={jonas}", "Assignee: Me, Jonas Brandt"),
        ("team=mine&team={billing}", "Team: My teams, Billing"),
        ("category=none", "Category: No category"),
        ("tag!={refund}", "Tag: not refund"),
        ("tag!=none", "Tag: any"),
        ("tag=987654&tag={refund}", "Tag: one that is gone, refund"),
        ("assignee=987654", "Assignee: one that is gone"),
        ("category=invented", "Category: one that is gone"),
        ("language=de,none", "Language: Deutsch, not known"),
        ("customer=haas", "Customer: “haas”"),
        ("waiting=1d", "Waiting: over a day"),
        ("created=7d", "Created: last 7 days"),
    ],
)
def test_a_filter_is_said_in_words(names: dict[str, int], address: str, said: str) -> None:
    asked = filters.from_address(QueryDict(address.format(**names)))
    assert [filters.words(each) for each in asked.conditions] == [said]


@pytest.mark.parametrize("many", [0, 500])
@pytest.mark.parametrize("text", ["örs", "ÖRS", "Örs", "lena@"])
def test_a_customer_is_found_by_a_part_whatever_the_case(
    mira: User, monkeypatch: pytest.MonkeyPatch, many: int, text: str
) -> None:
    """However many customers there are of that name."""
    monkeypatch.setattr(ticket_fields, "MANY_CUSTOMERS", many)
    lena = cast.lena()
    Customer.objects.filter(pk=lena.pk).update(name="Lena Förster")
    ticket, _ = cast.new_ticket(lena), cast.new_ticket(cast.tomas())
    asked = Asked(mira, timezone.now())
    assert list(Ticket.objects.filter(filters.of(customer=text).where(asked))) == [ticket]


def test_a_member_who_has_left_still_has_a_name_in_the_filter(mira: User, jonas: User) -> None:
    User.objects.filter(pk=jonas.pk).update(is_active=False)
    assert FIELDS["assignee"].labels([str(jonas.pk)]) == ["Jonas Brandt"]
    assert str(jonas.pk) not in {choice.value for choice in FIELDS["assignee"].choices(None)}


def test_a_customer_is_found_whatever_the_case_of_the_letters(mira: User) -> None:
    cast.new_ticket(Customer.objects.create(name="Zoë Ångström", email="zoe@mail.example"))
    for typed in ("Zoë", "ZOË", "zoë", "ÅNGSTRÖM", "ångström", "ZOE@MAIL"):
        found = filters.from_mapping({"customer": [typed]}).where(Asked(mira, timezone.now()))
        assert Ticket.objects.filter(found).count() == 1, typed
