"""Of whom personal values are: what the database knows. None is asked where there is nothing to know.

What several other customers wrote, such as our own telephone number, belongs to nobody.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

from django.conf import settings
from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower, Replace
from django.db.models.lookups import EndsWith

from copilot.presend.personal import NAME, NUMBER, Personal, numbers
from copilot.redaction.spelling import key
from copilot.redaction.values import customers_with
from knowledge.index import lexical
from knowledge.models import Article, Chunk
from tickets.models import Customer, Message, User
from tickets.search import search_tickets

NUMBERS = 3  # order numbers of one reply that are searched for: one query each
TICKETS, MESSAGES = 20, 200
PHONE_END = 8  # digits: with and without country code they are the same
PIECE = 60  # characters of a copied run that are searched for in public articles
PUBLIC = 40  # chunks
ABOUT = 12  # chunks for each sentence: with 6, PostgreSQL's ranking leaves out the right one more often
_DIGITS_BESIDE = " -/()."


@dataclass(frozen=True)
class Owners:
    """Keys of values: of another customer, of nobody we know, and names of other customers."""

    others: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()
    namesakes: frozenset[str] = frozenset()


@dataclass
class _Found:
    """Who has a value: key -> ids of customers."""

    by_key: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def of_one_other(self, customer_id: int) -> frozenset[str]:
        return frozenset(key for key, who in self.by_key.items() if customer_id not in who and len(who) == 1)


def owners(values: Sequence[Personal], customer_id: int, public: Iterable[str]) -> Owners:
    """`public`: texts of articles that customers may read; what they have is no secret."""
    told = "\n".join(public).casefold()
    asked = [each for each in values if each.value.casefold() not in told]
    found = _Found()
    _by_address([each for each in asked if each.kind == "EMAIL"], found)
    _by_phone([each for each in asked if each.kind == "PHONE"], found)
    _by_masked_value([each for each in asked if each.kind != NAME], found)
    _by_number([each for each in asked if each.kind == NUMBER], found)
    others = found.of_one_other(customer_id)
    strangers = {each.key for each in asked if each.kind == "EMAIL" and each.key not in found.by_key}
    namesakes = _namesakes({each.value for each in asked if each.kind == NAME}, customer_id)
    return Owners(others, frozenset(each for each in strangers if not _is_ours(each)), namesakes)


def public_texts(pieces: Collection[str]) -> list[str]:
    """Published public articles that have any of these words."""
    if not pieces:
        return []
    wanted = reduce(Q.__or__, (Q(text__icontains=piece[:PIECE]) for piece in sorted(pieces)))
    return list(_public().filter(wanted).values_list("text", flat=True)[:PUBLIC])


def articles_about(sentences: Sequence[str]) -> list[str]:
    """Passages of published public articles with the words of each sentence. One query each, and one for the texts."""
    ids = [chunk for sentence in sentences for chunk, _ in lexical.find(sentence, ABOUT)]
    return list(_public().filter(pk__in=ids).values_list("text", flat=True)) if ids else []


def _public() -> QuerySet[Chunk]:
    return Chunk.objects.filter(article__in=Article.objects.published().filter(audience=Article.Audience.PUBLIC))


def _is_ours(address: str) -> bool:
    return address.rpartition("@")[2] == settings.SUPPORT_ADDRESS.casefold().rpartition("@")[2]


def _by_address(values: Sequence[Personal], found: _Found) -> None:
    if values:
        customers = Customer.objects.annotate(address=Lower("email")).filter(address__in={each.key for each in values})
        for pk, email in customers.values_list("pk", "email"):
            found.by_key[key(email)].add(pk)


def _by_phone(values: Sequence[Personal], found: _Found) -> None:
    ends = {_only_digits(each.value)[-PHONE_END:]: each.key for each in values}
    ends = {end: key for end, key in ends.items() if len(end) == PHONE_END}
    if not ends:
        return
    plain: Combinable = F("phone")
    for sign in _DIGITS_BESIDE:
        plain = Replace(plain, Value(sign))
    same = reduce(Q.__or__, (Q(EndsWith(F("plain"), Value(end))) for end in ends))
    for pk, phone in Customer.objects.exclude(phone="").annotate(plain=plain).filter(same).values_list("pk", "phone"):
        found.by_key[ends[_only_digits(phone)[-PHONE_END:]]].add(pk)


def _only_digits(value: str) -> str:
    return re.sub(r"\D", "", value)


def _by_masked_value(values: Sequence[Personal], found: _Found) -> None:
    """What was masked in the messages of other tickets."""
    if values:
        for value, customer_id in customers_with({each.value for each in values}):
            found.by_key[key(value)].add(customer_id)


def _by_number(values: Sequence[Personal], found: _Found) -> None:
    """Order numbers are not masked: they are searched in the text of all tickets, where they follow such a word too."""
    wanted = {each.key: each.value for each in values[:NUMBERS]}
    tickets = {ticket for value in wanted.values() for ticket in search_tickets(value, TICKETS)}
    if not tickets:
        return
    said: QuerySet[Message] = Message.objects.filter(ticket__in=tickets)
    for text, customer_id in said.values_list("text", "ticket__customer")[:MESSAGES]:
        for each in numbers(text):
            if each.key in wanted:
                found.by_key[each.key].add(customer_id)


def _namesakes(names: Collection[str], customer_id: int) -> frozenset[str]:
    """Not of members: they are named to customers."""
    if not names:
        return frozenset()
    same = Customer.objects.filter(name__in=names).exclude(pk=customer_id).values_list("name", flat=True)
    if not (found := set(same)):
        return frozenset()
    members = {user.name for user in User.objects.only("first_name", "last_name", "username")}
    return frozenset(key(name) for name in found - members)
