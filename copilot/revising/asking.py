"""Reads what a browser asks to have revised, and collects from the database what that needs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from config.numbers import whole
from copilot.drafting.citations import strip_citations
from copilot.grounding.verdicts import Support, Verdict
from copilot.llm import Model
from copilot.models import Citation, Draft, RevisedText
from copilot.redaction import restore
from copilot.redaction.values import masker_of, values_of
from copilot.revising.parts import Doc, Mark
from copilot.revising.revising import Asked, can_do
from copilot.revising.rewording import Order
from copilot.revising.sources import Key, Source
from tickets import languages
from tickets.composition import parse
from tickets.models import Message, Ticket, User

MOST_TEXT, MOST_INSTRUCTION = 12_000, 300  # characters
Action = RevisedText.Action
FALLBACK = "en"


class Refused(Exception):
    """It cannot be done; the message says why, in the language of the page."""


@dataclass(frozen=True)
class Wanted:
    """What the browser sent, checked."""

    action: Action
    doc: Doc
    selection: tuple[int, int] | None
    target: str
    instruction: str


def wanted(fields: Mapping[str, str]) -> Wanted:
    """Raises Refused."""
    action, text, instruction = (fields.get(name, "") for name in ("action", "text", "instruction"))
    if action not in Action.values:
        raise Refused(_("Choose what should be done."))
    if len(text) > MOST_TEXT:
        raise Refused(_("This text is too long to be revised at once. Select a part of it."))
    if not text.strip() and action != Action.ASK:
        raise Refused(_("There is no text to revise yet."))
    if action == Action.INSTRUCT and not 0 < len(instruction.strip()) <= MOST_INSTRUCTION:
        raise Refused(_("Say in at most %(count)d characters what should be done.") % {"count": MOST_INSTRUCTION})
    try:
        marks = parse(text, "", json.loads(fields.get("composition") or "{}") | {"passages": []}).marks
    except (ValueError, TypeError):
        marks = ()
    start, end = whole(fields.get("start", "")), whole(fields.get("end", ""))
    selection = (start, end) if start is not None and end is not None and start < end <= len(text) else None
    doc = Doc(text, tuple(Mark(*mark) for mark in marks or ()))
    return Wanted(Action(action), doc, selection, fields.get("language", ""), instruction.strip())


def language_of(ticket: Ticket, message: Message | None) -> str:
    """The customer's: that of the latest message, as far as it is known."""
    read = languages.detect(message.text) if message else ""
    return read or ticket.language or ticket.customer.language or FALLBACK


def asked(ticket: Ticket, by: User, given: Wanted, model: Model) -> Asked:
    """Writes the row that says what was asked. Raises Refused, having written nothing."""
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    drafts = _drafts(ticket, {mark.draft for mark in given.doc.marks})
    sources = {key: source for draft in drafts for key, source in _sources(draft).items()}
    language = languages.detect(strip_citations(given.doc.text)) or language_of(ticket, message)
    target = given.target or language_of(ticket, message) if given.action == Action.TRANSLATE else language
    masker = masker_of(ticket)
    order = Order(given.action, language, target, masker, model, masker.mask(given.instruction))
    if given.action == Action.TRANSLATE and target == language:
        raise Refused(_("The text is in this language already."))
    if not can_do(order):
        raise Refused(_("Copydesk has no words for this in the language of the text."))
    latest = drafts[0] if drafts else None
    row = RevisedText.objects.create(
        ticket=ticket,
        draft=drafts[-1] if drafts else None,
        action=given.action,
        language=target if given.action == Action.TRANSLATE else "",
        instruction=order.instruction[:600],
        by=by,
        before=masker.mask(given.doc.text),
    )
    return Asked(
        doc=replace(given.doc, marks=tuple(each for each in given.doc.marks if (each.draft, each.number) in sources)),
        order=replace(order, row=row, draft=row.draft),
        sources=sources,
        selection=given.selection,
        message=f"{ticket.subject}\n{message.text}" if message else ticket.subject,
        conditions=[source.text for source in _sources(latest).values()] if latest else (),
        plan=ticket.customer.plan,
        known=frozenset(masker.values),
    )


def _drafts(ticket: Ticket, cited: set[int]) -> list[Draft]:
    """The latest draft and those that the text cites, newest first."""
    drafts = ticket.drafts.select_related("record", "ticket__customer").prefetch_related("citations__article")
    latest = list(drafts[:1])
    return latest + list(drafts.filter(pk__in=cited - {each.pk for each in latest})[:5])


def _sources(draft: Draft) -> dict[Key, Source]:
    """What the draft may cite. Internal articles are for agents only."""
    record = getattr(draft, "record", None)
    said = _said(draft, record.sentences if record else [])
    questions = record.questions if record else []
    return {
        (draft.pk, each.number): _source(each, said.get(each.number), questions)
        for each in draft.citations.all()
        if not each.internal
    }


def _source(citation: Citation, said: tuple[str, Verdict] | None, questions: list[dict[str, Any]]) -> Source:
    text, verdict = said or ("", None)
    pointed = [each["pointed"] for each in questions if each.get("pointed") and each["units"]]
    shares = [shares[citation.number - 1] for shares in pointed if citation.number <= len(shares)]
    best = any(share == max(each) for share, each in zip(shares, pointed, strict=False))
    return Source(
        citation.excerpt,
        citation.article.language if citation.article else "",
        text,
        verdict,
        share=max(shares) if shares else None,
        needed=best or not shares,
    )


def _said(draft: Draft, sentences: list[dict[str, Any]]) -> dict[int, tuple[str, Verdict]]:
    """Number of the unit → what the draft says of it, and the verdict on that."""
    if not draft.text:
        return {}
    values = values_of(draft.ticket, draft.text)
    return {
        each["units"][0]: (
            restore(strip_citations(draft.text[each["start"] : each["end"]]), values),
            Verdict(Support(each["support"]), each["units"][0] - 1, each["reason"], each["words"]),
        )
        for each in sentences
        if each["units"]
    }
