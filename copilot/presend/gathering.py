"""Reads the facts for the check of a reply. The number of queries does not grow with ticket or reply."""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from config.roles import Capability, may
from copilot.evidence.gathering import for_customers
from copilot.evidence.sentences import sentences
from copilot.models import Citation, DraftRecord
from copilot.presend import internal_articles, lookups, own_links, personal
from copilot.presend.claims import claims
from copilot.presend.copied import runs, secrets_of
from copilot.presend.facts import Asked, Facts, Internal
from copilot.presend.links import WEB
from knowledge.models import Article, Chunk
from knowledge.search import questions
from tickets.models import Message, OutgoingMail, Ticket, User

MESSAGES = 60  # the latest ones of a ticket
CITATIONS = 60
ARTICLES, CHUNKS = 12, 120
SEARCHED = 4  # sentences for which the knowledge base is searched, by words
READ = 20_000  # characters of a message

Kind = Message.Kind


def facts_for(
    ticket: Ticket, member: User, text: str, attachments: int = 0, *, sent: int = 0, thorough: bool = True
) -> Facts:
    """What `check` needs for this text; `thorough` False: what `blocks` needs. `ticket` comes with its customer.

    `sent`: the message that has the text already.
    """
    messages = _messages(ticket, sent)
    written = [each.text[:READ] for each in messages if each.kind == Kind.CUSTOMER]
    latest = written[-1] if written else ""
    citations = _citations(ticket)
    facts = Facts(
        customer=ticket.customer.name,
        member=member.name,
        decides=may(member, Capability.DECIDE_PROMISES),
        latest=latest,
        said=_said(ticket, messages),
        replies=tuple(each.text[:READ] for each in messages if each.kind == Kind.REPLY),
        notes=tuple(each.text[:READ] for each in messages if each.kind == Kind.NOTE),
        evidence=(*(each.excerpt for each in citations), *_articles(citations), *_answers_of_others(messages)),
        ours=(settings.SUPPORT_NAME, settings.SUPPORT_ADDRESS, member.name),
        questions=_questions(ticket, latest, citations),
        attachments=attachments,
    )
    return _looked_up(facts, ticket, text, thorough)


def _said(ticket: Ticket, messages: Sequence[Message]) -> tuple[str, ...]:
    customer = ticket.customer
    return (
        ticket.subject,
        *(each.text[:READ] for each in messages if each.kind in Message.WITH_CUSTOMER),
        *(each.from_name for each in messages if each.kind == Kind.CUSTOMER),
        *(each.from_email for each in messages if each.kind == Kind.CUSTOMER),
        *(customer.name, customer.email, customer.phone, customer.plan, f"#{ticket.pk}"),
    )


def _messages(ticket: Ticket, sent: int) -> list[Message]:
    """In order, without replies that were undone, and packages: they quote customers and models, and decide nothing."""
    there = ticket.messages.exclude(outgoing__state=OutgoingMail.State.UNDONE).exclude(pk=sent)
    there = there.filter(escalation=None)
    fields = there.only("kind", "text", "from_name", "from_email", "ticket_id")
    return list(fields.order_by("-created_at", "-id")[:MESSAGES])[::-1]


def _citations(ticket: Ticket) -> list[Citation]:
    """The public units found for the drafts of the ticket, the newest draft first."""
    rows = Citation.objects.filter(draft__ticket=ticket, internal=False)
    rows = rows.exclude(article__audience=Article.Audience.INTERNAL)  # made internal since
    fields = rows.only("draft_id", "number", "article_id", "excerpt")
    return list(fields.order_by("-draft_id", "number")[:CITATIONS])


def _articles(citations: Sequence[Citation]) -> list[str]:
    """The rest of the articles too: an agent may have opened one and answer from it."""
    ids = list(dict.fromkeys(each.article_id for each in citations if each.article_id))[:ARTICLES]
    if not ids:
        return []
    return list(Chunk.objects.filter(article__in=for_customers(ids)).values_list("text", flat=True)[:CHUNKS])


def _answers_of_others(messages: Sequence[Message]) -> list[str]:
    """To what was forwarded: agents pass on what a supplier says."""
    return [each.text[:READ] for each in messages if each.kind == Kind.OTHER]


def _questions(ticket: Ticket, latest: str, citations: Sequence[Citation]) -> tuple[Asked, ...]:
    """Several questions of the latest message, with the units that the newest draft found for each."""
    asked = [each.brief for each in questions.read(latest).searches]
    if len(asked) < 2:
        return ()
    record = DraftRecord.objects.filter(draft__ticket=ticket).order_by("-draft_id").first()
    answered = record.questions if record and len(record.questions) == len(asked) else [{"units": []}] * len(asked)
    excerpts = {each.number: each.excerpt for each in citations if record and each.draft_id == record.draft_id}
    return tuple(
        Asked(text, tuple(excerpts[number] for number in known["units"] if number in excerpts))
        for text, known in zip(asked, answered, strict=True)
    )


def _articles_about(text: str, facts: Facts) -> list[str]:
    """What the knowledge base has about sentences with facts that are not in the sources: an agent knows more of it."""
    doubtful = [each.start for each in claims(text, facts)]
    places = [(start, end) for start, end in sentences(text) if any(start <= at < end for at in doubtful)]
    return lookups.articles_about([text[start:end] for start, end in places[:SEARCHED]])


def _looked_up(facts: Facts, ticket: Ticket, text: str, thorough: bool) -> Facts:
    """With what the text itself makes necessary to know."""
    values = personal.candidates(text, facts)
    internal = (*(Internal(note) for note in facts.notes), *internal_articles.copied_from(text))
    secret = secrets_of(each.text for each in internal)
    copied = [text[run.start : run.end] for run in runs(text, secret.__contains__)] if secret else []
    pieces = {_piece(each) for each in copied} | {each.value for each in values if each.kind != personal.NAME}
    public = lookups.public_texts(pieces)
    found = _articles_about(text, facts) if thorough else []
    owners = lookups.owners(values, ticket.customer_id, public)
    links = own_links.judged({found[0] for found in WEB.finditer(text)})
    return replace(
        facts,
        evidence=(*facts.evidence, *found),
        internal=internal,
        public=tuple(public),
        links=links,
        others=owners.others,
        strangers=owners.strangers,
        namesakes=owners.namesakes,
    )


def _piece(run: str) -> str:
    """Words from its middle, where it hardly differs from what it was copied from."""
    words = run.split()
    middle = len(words) // 2
    return " ".join(words[max(0, middle - 1) : middle + 2])
