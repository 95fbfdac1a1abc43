"""The table of all fields that the queue can be filtered by, and what their values mean.

Apps that know more of a ticket add their fields with `add`, when they are started.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.numbers import whole
from config.web.public_site import language_name
from tickets.access import assignable_members
from tickets.models import Attachment, Category, Customer, Message, Tag, Team, Ticket, User
from tickets.queue import periods
from tickets.queue.fields import Asked, Choice, Choices, Field, Kind, Label, one_of

ME, MINE, NONE = "me", "mine", "none"
YES, NO = "yes", "no"
AGES = {"1h": 1, "4h": 4, "8h": 8, "1d": 24, "2d": 48, "7d": 168}  # hours
LONGEST_TEXT = 100
SLUG = re.compile(r"[a-z0-9_-]{1,40}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,4})?")  # as Ticket.language may hold it
MANY_CUSTOMERS = 500
LATEST = 2000  # tickets whose languages are offered
RESERVED = {"view", "q", "after", "rows", "sort", "any", "not"}  # other parameters of the queue's address

# --- fields with the choices of a model, and with those of a table -------------------------------


def _fixed(key: str, label: Label, choices: Iterable[tuple[object, Label]], column: str) -> Field:
    found = tuple(Choice(str(value), name) for value, name in choices)
    values = {choice.value for choice in found}
    return Field(
        key,
        label,
        Kind.CHOICES,
        lambda chosen, asked: one_of(column, chosen),
        values.__contains__,
        lambda chosen: found,
    )


def _rows(special: dict[str, Label], rows: Callable[[Sequence[int] | None], Iterable[tuple[int, str]]]) -> Choices:
    """Those that are always there, then one for each row of a table."""

    def choices(values: Sequence[str] | None) -> list[Choice]:
        numbers = None if values is None else _numbers(values)
        found = () if numbers == [] else rows(numbers)
        return [*(Choice(*each) for each in special.items()), *(Choice(str(key), name) for key, name in found)]

    return choices


def _numbers(values: Sequence[str]) -> list[int]:
    return [number for value in values if (number := whole(value)) is not None]


def _is_number_or(*special: str) -> Callable[[str], bool]:
    """As the choices write numbers: "07" is none, or the filter would be said to be of a row that is gone."""
    return lambda value: value in special or str(whole(value)) == value


def _members(numbers: Sequence[int] | None) -> list[tuple[int, str]]:
    found = assignable_members() if numbers is None else User.objects.filter(pk__in=numbers)
    return [(user.pk, user.name) for user in found]


def _teams(numbers: Sequence[int] | None) -> list[tuple[int, str]]:
    found = Team.objects.all() if numbers is None else Team.objects.filter(pk__in=numbers)
    return list(found.values_list("pk", "name"))


def _tags(numbers: Sequence[int] | None) -> list[tuple[int, str]]:
    found = Tag.objects.all() if numbers is None else Tag.objects.filter(pk__in=numbers)
    return list(found.values_list("pk", "name"))


def _categories(values: Sequence[str] | None) -> list[Choice]:
    return [Choice(NONE, _("No category")), *(Choice(each.slug, each.label) for each in Category.objects.all())]


# --- what the values mean -------------------------------------------------------------------------


def _assignee(values: Sequence[str], asked: Asked) -> Q:
    return _or_none("assignee", [*_numbers(values), *([asked.user.pk] if ME in values else [])], NONE in values)


def _team(values: Sequence[str], asked: Asked) -> Q:
    found = _or_none("team", _numbers(values), NONE in values)
    return found | Q(team__in=asked.user.teams.values("pk")) if MINE in values else found


def _category(values: Sequence[str], asked: Asked) -> Q:
    return _or_none("category", [value for value in values if value != NONE], NONE in values)


def _or_none(column: str, values: Sequence[object], none: bool) -> Q:
    """One of these, or, if `none`, nothing. With neither, no row."""
    found = one_of(column, values) if values else None
    empty = Q(**{column: None}) if none else None
    return found | empty if found and empty else found or empty or Q(pk__in=[])


def _tag(values: Sequence[str], asked: Asked) -> Q:
    """A subquery: a join would bring a ticket with two of the tags twice."""
    tagged = Ticket.tags.through.objects.filter(ticket=OuterRef("pk"))
    found = [Q(Exists(tagged.filter(tag__in=numbers)))] if (numbers := _numbers(values)) else []
    return _any([*found, *([~Q(Exists(tagged))] if NONE in values else [])])


def _customer(values: Sequence[str], asked: Asked) -> Q:
    """Few customers are asked for by their ids, which an index finds; of many the tickets are asked one by one."""
    known = Customer.objects.filter(_any([named for value in values for named in _named(value)]))
    few = list(known.values_list("pk", flat=True)[: MANY_CUSTOMERS + 1])
    if len(few) <= MANY_CUSTOMERS:
        return Q(customer__in=few)
    return Q(Exists(known.filter(pk=OuterRef("customer"))))


def _named(value: str) -> list[Q]:
    """SQLite compares only the letters of English whatever their case, so the usual forms of others are asked for."""
    forms = {value}
    if connection.vendor == "sqlite" and not value.isascii():
        forms |= {value.lower(), value.upper(), value.title()}
    return [Q(name__icontains=form) | Q(email__icontains=form) for form in sorted(forms)]


def _escalated(values: Sequence[str], asked: Asked) -> Q:
    meant = {
        YES: Q(handoff_due_at__isnull=False),
        "late": Q(handoff_due_at__lt=asked.now),
        NO: Q(handoff_due_at=None),
    }
    return _any([meant[value] for value in values])


def _any(conditions: Sequence[Q]) -> Q:
    return reduce(or_, conditions)


def _files(values: Sequence[str], asked: Asked) -> Q:
    there = Exists(Attachment.objects.filter(message__ticket=OuterRef("pk")))
    return _either(values, Q(there))


def _answered(values: Sequence[str], asked: Asked) -> Q:
    """On a ticket that we started nobody waits for a first response before the customer has written."""
    if {YES, NO} <= set(values):
        return Q(pk__isnull=False)
    if YES in values:
        return Q(first_response_at__isnull=False)
    wrote = Exists(Message.objects.filter(ticket=OuterRef("pk"), kind=Message.Kind.CUSTOMER))
    return Q(first_response_at__isnull=True) & (~Q(channel=Ticket.Channel.OUTGOING) | Q(wrote))


def _either(values: Sequence[str], found: Q) -> Q:
    """With both every row: as a condition, since an empty one stays empty when it is turned round."""
    return Q(pk__isnull=False) if {YES, NO} <= set(values) else found if YES in values else ~found


def _waiting(values: Sequence[str], asked: Asked) -> Q:
    """On a closed ticket nobody waits any more."""
    since = Q(waiting_since__lte=asked.now - timedelta(hours=AGES[values[0]]))
    return since & ~Q(status=Ticket.Status.CLOSED)


def _draft(values: Sequence[str], asked: Asked) -> Q:
    return one_of("preparation", [Ticket.Preparation.NONE if value == NONE else value for value in values])


def _language(values: Sequence[str], asked: Asked) -> Q:
    return one_of("language", ["" if value == NONE else value for value in values])


def _period(column: str) -> Callable[[Sequence[str], Asked], Q]:
    def where(values: Sequence[str], asked: Asked) -> Q:
        start, end = periods.read(values[0], asked.now)
        return Q(**{f"{column}__gte": start} if start else {}) & Q(**{f"{column}__lt": end} if end else {})

    return where


def _yes_no(key: str, label: Label, where: Callable[[Sequence[str], Asked], Q], yes: Label, no: Label) -> Field:
    choices = (Choice(YES, yes), Choice(NO, no))
    return Field(key, label, Kind.CHOICES, where, {YES, NO}.__contains__, lambda values: choices)


def _moment(key: str, label: Label, column: str) -> Field:
    return Field(key, label, Kind.PERIOD, _period(column), periods.is_one)


def _text(value: str) -> bool:
    return 0 < len(value) <= LONGEST_TEXT and value.isprintable()


def _languages(values: Sequence[str] | None) -> list[Choice]:
    """Those of the latest tickets; a chosen one also if none of them has it."""
    latest = Ticket.objects.order_by("-pk").values_list("language", flat=True)[:LATEST] if values is None else values
    named = [(language_name(code), code) for code in {*latest} - {"", NONE}]
    return [Choice(NONE, _("not known")), *(Choice(code, name) for name, code in sorted(named))]


# --- the table ------------------------------------------------------------------------------------

FIELDS: dict[str, Field] = {}
DRAFTS = {value or NONE: label for value, label in Ticket.Preparation.choices}


def add(*fields: Field) -> None:
    for field in fields:
        if field.key in RESERVED or not field.key.isalpha():
            raise ValueError(f"{field.key} cannot be the name of a filter")
        FIELDS[field.key] = field


add(
    _fixed("status", _("Status"), Ticket.Status.choices, "status"),
    _fixed("priority", _("Priority"), reversed(Ticket.Priority.choices), "priority"),
    Field("assignee", _("Assignee"), Kind.CHOICES, _assignee, _is_number_or(ME, NONE),
          _rows({ME: _("Me"), NONE: _("Nobody")}, _members)),
    Field("team", _("Team"), Kind.CHOICES, _team, _is_number_or(MINE, NONE),
          _rows({MINE: _("My teams"), NONE: _("No team")}, _teams)),
    Field("category", _("Category"), Kind.CHOICES, _category, lambda value: bool(SLUG.fullmatch(value)), _categories),
    Field("tag", _("Tag"), Kind.CHOICES, _tag, _is_number_or(NONE), _rows({NONE: _("No tag")}, _tags)),
    Field("draft", _("Draft"), Kind.CHOICES, _draft, DRAFTS.__contains__, lambda values: tuple(
        Choice(value, name) for value, name in DRAFTS.items())),
    Field("escalated", _("Escalated"), Kind.CHOICES, _escalated, {YES, "late", NO}.__contains__, lambda values: (
        Choice(YES, _("not taken yet")), Choice("late", _("time has run out")), Choice(NO, _("no")))),
    _yes_no("answered", _("First response"), _answered, _("given"), _("not yet")),
    _yes_no("files", _("Files"), _files, _("with files"), _("without files")),
    _fixed("channel", _("Channel"), Ticket.Channel.choices, "channel"),
    Field("language", _("Language"), Kind.CHOICES, _language, lambda value: value == NONE or bool(
        LANGUAGE.fullmatch(value)), _languages),
    _fixed("tier", _("Tier"), Customer.Tier.choices, "customer__tier"),
    Field("customer", _("Customer"), Kind.TEXT, _customer, _text),
    Field("waiting", _("Waiting"), Kind.ONE, _waiting, AGES.__contains__, lambda values: (
        Choice("1h", _("over 1 hour")), Choice("4h", _("over 4 hours")), Choice("8h", _("over 8 hours")),
        Choice("1d", _("over a day")), Choice("2d", _("over 2 days")), Choice("7d", _("over a week")))),
    _moment("created", _("Created"), "created_at"),
    _moment("changed", _("Changed"), "updated_at"),
    _moment("closed", pgettext_lazy("filter", "Closed"), "closed_at"),
)  # fmt: skip
