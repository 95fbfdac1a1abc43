"""The sentences that a reply on a ticket may have from its drafts and their sources."""

from collections.abc import Iterator, Mapping, Sequence

from copilot.drafting.citations import CITATION
from copilot.grounding.verdicts import WORD_FOR_WORD
from copilot.models import Citation, Draft
from copilot.provenance.origins import Known, Origin, Source, parts
from copilot.redaction import restore
from copilot.redaction.values import values_of
from tickets.models import Ticket

DRAFTS, REVISED = 5, 10  # the newest ones


def known_for(ticket: Ticket) -> list[Known]:
    """Of the newest drafts what they say, and the units that were found for them; and what was revised by the model."""
    drafts = ticket.drafts.select_related("record")
    found: list[Known] = []
    values: dict[str, str] | None = None
    for draft in drafts.prefetch_related("citations")[:DRAFTS]:
        values = values_of(ticket, draft.text) if values is None or "<" in draft.text else values
        sources = {each.number: each for each in draft.citations.all()}
        found += _of_draft(draft, sources, values)
        found += [known for each in sources.values() if not each.internal for known in _of_unit(each)]
    for before, after in ticket.revised_texts.exclude(after="").values_list("before", "after")[:REVISED]:
        values = values_of(ticket, after) if values is None or "<" in after else values
        kept = set(_said(before, Origin.MODEL, [], values))
        found += [each for each in _said(after, Origin.MODEL, [], values) if each not in kept]
    return found


def _of_unit(citation: Citation) -> Iterator[Known]:
    for text in parts(citation.excerpt):
        yield Known(text, Origin.EVIDENCE, (_source(citation),))


def _of_draft(draft: Draft, sources: Mapping[int, Citation], values: dict[str, str]) -> Iterator[Known]:
    record = getattr(draft, "record", None)
    for each in record.sentences if record else ():
        numbers = [number for number in each["units"] if number in sources]
        origin = Origin.EVIDENCE if each["reason"] == WORD_FOR_WORD else Origin.MODEL
        yield from _said(draft.text[each["start"] : each["end"]], origin, [sources[n] for n in numbers], values)
    if record is None or not record.sentences:  # a draft from before sentences were checked
        cited = [each for each in sources.values() if each.cited]
        yield from _said(draft.text, Origin.MODEL, cited, values)


def _said(text: str, origin: Origin, cited: Sequence[Citation], values: dict[str, str]) -> Iterator[Known]:
    shown = CITATION.sub("", restore(text, values))
    for part in parts(shown):
        yield Known(part, origin, tuple(map(_source, cited)))


def _source(citation: Citation) -> Source:
    return Source(citation.article_id, citation.title, citation.heading_path)
