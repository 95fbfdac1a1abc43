"""A ticket's messages, read for what was asked and what solved it: masked, bare, bounded. Writes nothing.

New placeholders are not stored: what another customer wrote is never put back, agents read "[name]".
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from copilot.drafting.citations import strip_citations
from copilot.evidence.question_text import shortened
from copilot.redaction import Masker
from copilot.redaction.values import masker_of
from copilot.similar import solving
from copilot.similar.solving import Said, Solved
from copilot.summaries.bare import body
from knowledge.gaps.naming import REPLY_MARK
from tickets import languages
from tickets.models import Message, OutgoingMail, Ticket

QUESTION_WORDS = 130
ANSWER_WORDS = 400
MOST_MESSAGES = 60  # of a ticket: the first ones and the newest
FIRST_MESSAGES = 10
TITLE = 300  # characters
FALLBACK = "en"
_COUNTS = Q(kind__in=Message.WITH_CUSTOMER) & ~Q(outgoing__state__in=OutgoingMail.NOT_SENT)


@dataclass(frozen=True)
class Asked:
    """What a ticket asks; both empty if the customer has written nothing."""

    title: str = ""
    question: str = ""
    language: str = FALLBACK


@dataclass(frozen=True)
class HowSolved:
    """`answer` is empty, and `solved` None, if it was not solved by a reply."""

    asked: Asked
    answer: str = ""
    solved: Solved | None = None


def messages(first: int, last: int) -> dict[int, tuple[int, int]]:
    """Of the tickets with these numbers the newest message that counts, and how many do: with others, they are read
    again."""
    counting = Message.objects.filter(_COUNTS, ticket__gte=first, ticket__lte=last).order_by().values("ticket")
    rows = counting.annotate(newest=Max("pk"), count=Count("pk")).values_list("ticket", "newest", "count")
    return {ticket: (newest, count) for ticket, newest, count in rows}


def asked(ticket: Ticket) -> Asked:
    """`ticket` comes with its customer."""
    said = _said(ticket)
    return _asked(ticket, solving.asked(said), _masker(ticket, said))


def how_solved(ticket: Ticket) -> HowSolved:
    """`ticket` comes with its customer."""
    said = _said(ticket)
    found = solving.solved(said)
    masker = _masker(ticket, said, found)
    question = _asked(ticket, solving.asked(said), masker)
    if found is None:
        return HowSolved(question)
    answer = shortened(body(strip_citations(masker.mask(found.by.text)), ours=True), ANSWER_WORDS)
    return HowSolved(question, answer, found if answer else None)


def _said(ticket: Ticket) -> list[Said]:
    numbers = list(ticket.messages.filter(_COUNTS).values_list("pk", flat=True))
    if len(numbers) > MOST_MESSAGES:
        numbers = numbers[:FIRST_MESSAGES] + numbers[FIRST_MESSAGES - MOST_MESSAGES :]
    rows = ticket.messages.filter(pk__in=numbers).values_list("pk", "kind", "text")
    return [Said(pk, "customer" if kind == Message.Kind.CUSTOMER else "agent", text) for pk, kind, text in rows]


def _masker(ticket: Ticket, said: list[Said], found: Solved | None = None) -> Masker:
    """It knows every name in these texts: one that is recognised in a text is masked in the others too."""
    masker = masker_of(ticket)
    theirs = [each.text for each in said if each.by == "customer"][:FIRST_MESSAGES]
    masker.learn(ticket.subject, *theirs, *([found.by.text] if found else []))
    return masker


def _asked(ticket: Ticket, said: list[Said], masker: Masker) -> Asked:
    if not said:
        return Asked()
    texts = [masker.mask(each.text) for each in said]
    return asked_of(masker.mask(ticket.subject), texts, _language(ticket, said))


def asked_of(subject: str, texts: Sequence[str], language: str) -> Asked:
    """Of masked texts."""
    title = REPLY_MARK.sub("", " ".join(subject.split()))[:TITLE]
    bare = "\n".join(filter(None, map(body, texts)))
    return Asked(title, shortened(bare, QUESTION_WORDS), language)


def _language(ticket: Ticket, said: list[Said]) -> str:
    read = next(filter(None, (languages.detect(f"{ticket.subject}\n{each.text}") for each in said)), "")
    return read or ticket.language or ticket.customer.language or FALLBACK
