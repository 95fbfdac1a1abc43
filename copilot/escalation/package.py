"""What a team is told of a ticket that is escalated to it, so that the customer has to repeat nothing. Reads only.

What is said of the customer comes from the customer's record, never from a model and never from a message.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.formats import day_month_year
from config.templatetags.desk import money
from copilot.drafting.citations import strip_citations
from copilot.drafting.record import shown_text
from copilot.drafting.snapshot import answered, withdrawn
from copilot.escalation import wording
from copilot.escalation.rules import Reason, Rules
from copilot.escalation.triggers import Facts, Trigger, triggers
from copilot.models import Draft, SentReply, ThreadSummary
from copilot.redaction import restore
from copilot.redaction.values import values_of
from copilot.summaries import keeping, quoted, thread
from copilot.summaries.thread import Thread
from copilot.triage_shown import Section, section
from tickets.models import Customer, Ticket

About = ThreadSummary.About
EDITABLE = ("next", "asked", "tried", "failed", "open", "reply")
FACTS = ("customer", "triage", "signals")
MOST_ARTICLES = 6
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Article:
    """`use`: sent, draft or found."""

    number: int | None
    title: str
    use: str


@dataclass(frozen=True)
class Package:
    """`texts`: by part, with real values. `origins`: model, quotes or draft; "" for what an agent or a rule wrote.

    `summarised`: a model has read the messages up to the last one.
    """

    texts: Mapping[str, str]
    articles: tuple[Article, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    triggers: tuple[Trigger, ...] = ()
    summarised: bool = False

    @property
    def reason(self) -> str:
        return self.triggers[0].reason if self.triggers else Reason.OTHER

    @property
    def by_model(self) -> bool:
        return "model" in self.origins.values()

    @property
    def signal(self) -> str:
        """Kind of the signal that is the strongest reason."""
        return str(self.triggers[0].seen.get("signal", "")) if self.triggers else ""


def recorded(ticket: Ticket, facts: Facts, rules: Rules, now: datetime) -> Package:
    """The parts that come from records, which nobody edits."""
    return _recorded(ticket, _draft(ticket), facts, rules, now)


def prepared(ticket: Ticket, facts: Facts, rules: Rules, now: datetime) -> Package:
    """As it would be sent now, if the agent changed nothing."""
    draft, read = _draft(ticket), thread.read(ticket)
    package = _recorded(ticket, draft, facts, rules, now)
    kept = keeping.latest(ticket, read)
    told, origins = _told(ticket, read, kept)
    reply, step = _reply(draft), wording.next_step(package.reason, package.signal)
    texts = {**package.texts, "next": step, **told, "reply": reply}
    origins |= {"reply": "draft"} if reply else {}
    return replace(package, texts=texts, origins=origins, summarised=kept is not None)


def _recorded(ticket: Ticket, draft: Draft | None, facts: Facts, rules: Rules, now: datetime) -> Package:
    shown = section(ticket)
    texts = {"customer": customer(ticket.customer, now), "triage": _triage(shown), "signals": _signals(shown)}
    return Package(texts, _articles(ticket, draft), triggers=readable(ticket, triggers(facts, rules)))


def _told(ticket: Ticket, read: Thread, kept: ThreadSummary | None) -> tuple[dict[str, str], dict[str, str]]:
    """What was asked, tried and failed, and which questions are open; and where each comes from."""
    lines = keeping.shown(kept, ticket) if kept else keeping.quotes(ticket, read)
    texts, origins = {}, {}
    for about in About.values:
        own = [each for each in lines if each.about == about]
        texts[about] = "\n".join(each.text for each in own)
        origins[about] = ("model" if any(each.written for each in own) else "quotes") if own else ""
    asked = "\n".join(quoted.open_questions(read))
    texts["open"] = restore(asked, values_of(ticket, asked) | dict(read.added))
    origins["open"] = "quotes" if asked else ""
    return texts, origins


def customer(record: Customer, now: datetime) -> str:
    """From the customer's record, without the name, which the ticket shows."""
    recent = record.tickets.filter(created_at__range=(now - LATELY, now)).count()
    tickets = ngettext("%(count)d ticket in 30 days", "%(count)d tickets in 30 days", recent) % {"count": recent}
    since = _("customer since %(day)s") % {"day": day_month_year(record.since)}
    said = [str(record.get_tier_display()), record.plan, money(record.lifetime_value), since, tickets]
    return " · ".join(each for each in said if each)


def _triage(shown: Section) -> str:
    """With its reason: the words that show it, and the rule that decided."""
    category, handled = shown.category, shown.handled
    said = [_with(category.text, category.confidence, category.words), shown.sentiment.text]
    if shown.urgency.text:
        said.append(_with(_("urgency %(number)s") % {"number": shown.urgency.text}, words=shown.urgency.words))
    lines = [" · ".join(each for each in said if each), f"{handled.by}: {handled.why}" if handled else ""]
    return "\n".join(each for each in lines if each)


def _with(text: str, sure: str = "", words: str = "") -> str:
    quoted = _("“%(words)s”") % {"words": words} if words else ""
    return " ".join(each for each in (text, sure, quoted) if each)


def _signals(shown: Section) -> str:
    return "\n".join(_with(each.name, words=each.words) for each in shown.signals if not each.dismissed)


def readable(ticket: Ticket, found: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """With the customer's words as they were written."""
    found = tuple(found)
    values = values_of(ticket, " ".join(str(each.seen.get("words", "")) for each in found))
    return tuple(Trigger(each.reason, _restored(each.seen, values)) for each in found)


def _restored(seen: Mapping[str, Any], values: dict[str, str]) -> dict[str, Any]:
    return {name: restore(value, values) if isinstance(value, str) else value for name, value in seen.items()}


def _draft(ticket: Ticket) -> Draft | None:
    """The latest one, if it can still be sent."""
    draft = ticket.drafts.visible().select_related("record", "ticket__customer").prefetch_related("citations").first()
    if draft is None or draft.state != Draft.State.READY or draft.outdated or answered(draft) or withdrawn(draft):
        return None
    return draft if draft.review in (Draft.Review.PENDING, Draft.Review.IGNORED) else None


def _reply(draft: Draft | None) -> str:
    return strip_citations(shown_text(draft)) if draft else ""


def _articles(ticket: Ticket, draft: Draft | None) -> tuple[Article, ...]:
    """Those whose sentences were sent to the customer first, then what the draft cites, then what was found for it."""
    found: dict[str, Article] = {}
    sent = SentReply.objects.filter(message__ticket=ticket).order_by("pk")
    for sentences in sent.values_list("sentences", flat=True):
        for source in _sources(sentences):
            found.setdefault(source["title"], Article(source["article"], source["title"], "sent"))
    for citation in sorted(draft.citations.all() if draft else (), key=lambda each: not each.cited):
        use = "draft" if citation.cited else "found"
        found.setdefault(citation.title, Article(citation.article_id, citation.title, use))
    return tuple(found.values())[:MOST_ARTICLES]


def _sources(sentences: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    return (source for sentence in sentences for source in sentence["sources"])
