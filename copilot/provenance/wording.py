"""Where sentences come from, in the words of the page."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from copilot.models import SentReply
from copilot.provenance.origins import Counts, Origin, Sentence, Source, counts
from tickets.message_details.origins import Origins, Part
from tickets.models import Message


def summary(found: Counts, who: str) -> str:
    """ "3 sentences from 2 articles · 1 by AI · 1 by Mira"; "" if there is nothing to say."""
    said = []
    if found.evidence:
        articles = npgettext("from …", "%(count)s article", "%(count)s articles", found.articles)
        text = ngettext("%(count)s sentence from %(articles)s", "%(count)s sentences from %(articles)s", found.evidence)
        said.append(text % {"count": found.evidence, "articles": articles % {"count": found.articles}})
    if found.model:
        said.append(_("%(count)s by AI") % {"count": found.model})
    if found.person and said:
        said.append(_("%(count)s by %(name)s") % {"count": found.person, "name": who})
    return " · ".join(said)


def label(sentence: Sentence, who: str) -> str:
    if sentence.origin is Origin.EVIDENCE:
        return _("word for word")
    if sentence.origin is Origin.MODEL:
        return _("written by AI")
    return (_("changed by %(name)s") if sentence.changed else _("by %(name)s")) % {"name": who}


def of_messages(messages: Sequence[Message]) -> Mapping[int, Origins]:
    """Registered with `tickets.message_details.origins`. Replies that nobody prepared have nothing to show."""
    replies = {each.pk: each for each in messages if each.kind == Message.Kind.REPLY}
    if not replies:
        return {}
    rows = SentReply.objects.filter(message__in=replies).exclude(sentences=[])
    shown = {row.message_id: _origins(replies[row.message_id], read(row.sentences)) for row in rows}
    return {number: found for number, found in shown.items() if found.summary}


def _origins(message: Message, sentences: Sequence[Sentence]) -> Origins:
    who = message.author.first_name or message.author.name if message.author else ""
    parts = [Part(message.text[s.start : s.end], label(s, who), tuple(map(_link, s.sources))) for s in sentences]
    return Origins(summary(counts(sentences), who), tuple(parts))


def _link(source: Source) -> tuple[str, str]:
    return source.title, reverse("knowledge:article", args=[source.article]) if source.article else ""


def read(rows: Sequence[Mapping[str, object]]) -> list[Sentence]:
    """What copilot/presend/recording.py stored."""
    return [
        Sentence(**{**row, "origin": Origin(str(row["origin"])), "sources": tuple(Source(**s) for s in row["sources"])})  # type: ignore
        for row in rows
    ]
