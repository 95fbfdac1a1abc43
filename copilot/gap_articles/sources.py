"""What agents replied to the questions of a topic: masked, without quoted text, greetings and signatures."""

import re
from dataclasses import dataclass

from django.db.models import QuerySet

from copilot.evidence.lengths import cut
from copilot.redaction import PLACEHOLDER
from copilot.redaction.values import masker_of
from knowledge.gaps.naming import CLOSING, GREETING, essential
from knowledge.masking.forms import for_storage
from knowledge.models import GapTopic
from tickets.mail import quoting
from tickets.models import Message, OutgoingMail, Ticket

MAX_TICKETS = 6  # newest first: more costs reading time and rarely adds a fact
MAX_WORDS = 130  # of the replies on one ticket
MAX_QUESTIONS = 8
QUESTION_WORDS = 60
TICKET = re.compile(r"^ticket:(\d+)\b")


@dataclass(frozen=True)
class Source:
    """The replies on one ticket, as the model may read them."""

    ticket_id: int
    subject: str
    text: str

    @property
    def record(self) -> dict[str, str]:
        """As stored with the revision."""
        return {"ref": f"ticket:{self.ticket_id}", "label": self.subject}


def tickets_of(topic: GapTopic) -> list[int]:
    """The tickets in which the topic was asked about, the newest question first."""
    asked = topic.gaps.order_by("-asked_at").values_list("asked_in", flat=True)
    return list(dict.fromkeys(int(found[1]) for place in asked if (found := TICKET.match(place))))


def answered(topic: GapTopic) -> int:
    """How many of these tickets have a reply that an agent sent. One query."""
    return _sent(tickets_of(topic)).values("ticket").distinct().count()


def sources(topic: GapTopic) -> list[Source]:
    """The replies sent in the topic's tickets. They contain no personal data."""
    wanted = tickets_of(topic)
    replies: dict[int, list[Message]] = {}
    for message in _sent(wanted).select_related("author").order_by("created_at"):
        replies.setdefault(message.ticket_id, []).append(message)
    chosen = [ticket_id for ticket_id in wanted if ticket_id in replies][:MAX_TICKETS]
    tickets = Ticket.objects.select_related("customer").in_bulk(chosen)
    found = [_source(tickets[ticket_id], replies[ticket_id]) for ticket_id in chosen if ticket_id in tickets]
    return [source for source in found if source.text]


def _sent(ticket_ids: list[int]) -> QuerySet[Message]:
    return Message.objects.filter(
        ticket__in=ticket_ids,
        kind=Message.Kind.REPLY,
        author__isnull=False,
        outgoing__state=OutgoingMail.State.SENT,
    ).order_by()


def _source(ticket: Ticket, replies: list[Message]) -> Source:
    masker = masker_of(ticket)
    texts = [bare(masker.mask(message.text), _names(message)) for message in replies]
    said = " ".join(" ".join(texts).split())
    subject = PLACEHOLDER.sub("…", masker.mask(ticket.subject))[:120]
    return Source(ticket.pk, subject, cut(said, MAX_WORDS))


def _names(message: Message) -> set[str]:
    author = message.author
    assert author is not None
    return {name for name in (author.name, author.first_name, author.last_name, author.username) if len(name) > 1}


def bare(text: str, signed: set[str]) -> str:
    """A reply's facts: no quotation, greeting, closing or name. Each line stays a line."""
    kept = []
    for line in quoting.split_plain(text).text.split("\n"):
        plain = GREETING.sub("", line).strip()
        if (
            not plain
            or CLOSING.match(plain)
            or plain.strip(" ,.-–—") in signed
            or PLACEHOLDER.fullmatch(plain.strip(" ,"))
        ):
            continue
        for name in sorted(signed, key=len, reverse=True):
            plain = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "an agent", plain)
        kept.append(PLACEHOLDER.sub(_instead, plain))
    return "\n".join(kept)


def _instead(found: re.Match[str]) -> str:
    return "the customer" if "NAME" in found[1] else "…"


def questions(topic: GapTopic) -> list[str]:
    """The newest questions. They were masked when stored, and are masked again because the rules have grown since."""
    asked = topic.gaps.order_by("-asked_at").values_list("query", flat=True)[:MAX_QUESTIONS]
    return [cut(PLACEHOLDER.sub("…", essential(for_storage(query))), QUESTION_WORDS) for query in asked]


def language(topic: GapTopic) -> str:
    """The language of most of the questions; English if unknown."""
    spoken = [code for code in topic.gaps.values_list("language", flat=True) if code]
    return max(set(spoken), key=spoken.count) if spoken else "en"


def category(topic: GapTopic) -> str:
    named = [name for name in topic.gaps.values_list("category", flat=True) if name]
    return max(set(named), key=named.count) if named else ""
