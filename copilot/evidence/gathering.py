"""What a draft may rest on: units of the articles found for a question, numbered in reading order."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from copilot.evidence import choosing
from copilot.evidence.choosing import Part, Scored
from copilot.evidence.list_points import POINT
from copilot.evidence.question import Question
from copilot.evidence.sent_before import Replies, Sent
from copilot.evidence.units import Kind, units
from copilot.redaction import without_placeholders
from knowledge.models import Article, Chunk
from knowledge.search import questions
from knowledge.search.passages import Passage
from knowledge.search.questions import Translation
from knowledge.search.rerank import Reranker, RerankerUnavailable, get_reranker
from knowledge.search.retrieval import Degradation, SearchResult, search
from knowledge.text.chunking import SEPARATOR
from knowledge.text.hidden_letters import without_hidden

MAX_ARTICLES = 4
MAX_INTERNAL = 2
MAX_SENT = 4  # units that an earlier reply has said
LIMIT = 8  # passages searched for; of each article a ticket shows only the best
# Share of the best score from which an article is read. Further behind it is about something else.
WORTH_READING = 0.85
# `[2]` in an article would look like a citation of the draft. With spaces it still reads well, also in code.
NO_REPLIES = Replies()
NUMBER_IN_BRACKETS = re.compile(r"\[(\d{1,2})\]")


@dataclass(frozen=True)
class EvidenceUnit:
    """A unit of an article. `scores`: how well it fits each question (`Scored.fits`: reranker and shared words).

    `passage` is the best passage of its article; the unit itself stands at `start` to `end` of chunk `chunk_id`.
    `sent_at`: when an earlier reply on the ticket said it (ISO 8601), if that counts.
    """

    passage: Passage
    chunk_id: int | None
    heading_path: str
    text: str
    kind: Kind
    start: int
    end: int
    scores: tuple[float, ...]
    sent_at: str = ""

    @property
    def head(self) -> str:
        return SEPARATOR.join(part for part in (self.passage.title, self.heading_path) if part)


@dataclass(frozen=True)
class Section:
    """A part of an article that units are cut from."""

    passage: Passage
    chunk_id: int | None
    heading_path: str
    text: str


@dataclass(frozen=True)
class Evidence:
    """Everything that a draft may rest on. `units[0]` is what `[1]` refers to, and so on.

    `questions`: what the message asks, each searched and answered by itself. `internal` hits are for agents only: the
    model never reads them, so that nothing of them can reach a customer. `degraded`: chosen without the reranker.
    `sent`: left out of `units`, because an earlier reply on the ticket has said it.
    """

    questions: tuple[str, ...]
    units: tuple[EvidenceUnit, ...]
    found: SearchResult
    internal: tuple[Passage, ...] = ()
    degraded: str = ""
    sent: tuple[EvidenceUnit, ...] = ()

    @property
    def speaks_alone(self) -> bool:
        """Whether it is likely to answer although no model has read it. Not if what fits best was sent."""
        return bool(self.units) and not self.sent

    def with_sent(self) -> "Evidence":
        """For an agent who wants a draft although it repeats what was sent."""
        again = tuple(replace(each, sent_at="") for each in self.sent)
        return replace(self, units=(*self.units, *again), sent=())


def find(question: Question, category: str = "") -> Evidence:
    """Search the knowledge base for what may answer. No units: nothing good enough was found."""
    found = search_for(question.query, question.language, category, question.history)
    return gather(question.query, found)


def search_for(
    query: str, language: str, category: str, history: Sequence[str], translation: Translation | None = None
) -> SearchResult:
    return search(query, limit=LIMIT, language=language, category=category, history=history, translation=translation)


def gather(
    query: str, found: SearchResult, translation: Translation | None = None, sent: Sequence[Sent] = ()
) -> Evidence:
    """From a search result: the units that may answer, and what only agents may see.

    `sent`: earlier replies on the ticket; what they say is left out.
    """
    best = _best_scores(found, translation)
    groups = [group for group in by_article(found.passages) if _worth_reading(group[0], best)]
    public = [group[0] for group in groups if not group[0].internal][:MAX_ARTICLES]
    internal = tuple(group[0] for group in groups if group[0].internal)[:MAX_INTERNAL]
    sections = [each for passage in public for each in _sections(passage)]
    replies = Replies(sent)
    before = sent_units(query, sections, translation, replies)
    try:
        units = best_units(query, sections, get_reranker(), translation, replies)
        return Evidence(*units, found, internal, sent=before)
    except RerankerUnavailable:
        units = best_units(query, sections, None, translation, replies)
        return Evidence(*units, found, internal, Degradation.NOT_RERANKED, before)


def best_units(
    query: str,
    sections: Sequence[Section],
    reranker: Reranker | None,
    translation: Translation | None = None,
    replies: Replies = NO_REPLIES,
) -> tuple[tuple[str, ...], tuple[EvidenceUnit, ...]]:
    """The questions in `query`, and the units of the sections that may answer them. Raises RerankerUnavailable.

    Units in the language of the translation are compared with it. Without what the replies have said.
    """
    asked = tuple(each.brief for each in questions.read(query).searches) or (query,)
    parts = _parts(sections, translation)
    chosen = choosing.choose(asked, parts, reranker, taking=replies.new_of)
    return asked, tuple(_unit(each, sections[each.part]) for each in chosen)


def _parts(sections: Sequence[Section], translation: Translation | None) -> list[Part]:
    said = {translation.language: translation.texts} if translation else {}
    return [
        Part(each.passage.title, each.heading_path, each.text, said.get(each.passage.language, ())) for each in sections
    ]


def sent_units(
    query: str, sections: Sequence[Section], translation: Translation | None, replies: Replies
) -> tuple[EvidenceUnit, ...]:
    """What the replies have said; of more than a few, those that share most words with the question."""
    if not replies:
        return ()
    chosen = choosing.choose((query,), _parts(sections, translation), None, MAX_SENT, replies.sent_of)
    return tuple(replace(_unit(each, sections[each.part]), sent_at=replies.when(each.unit)) for each in chosen)


def units_of(sections: Sequence[Section]) -> list[EvidenceUnit]:
    """All of them, chosen or not, without scores."""
    return [
        _unit(Scored(number, unit, (), ()), section)
        for number, section in enumerate(sections)
        for unit in units(section.text)
    ]


def _sections(passage: Passage) -> list[Section]:
    """All sections of the passage's article; of one that is only a passage, that passage."""
    chunks = Chunk.objects.filter(revision=passage.revision_id).order_by("ordinal") if passage.revision_id else ()
    sections = [Section(passage, chunk.pk, chunk.heading_path, chunk.text) for chunk in chunks]
    return sections or [Section(passage, passage.chunk_id, passage.heading_path, passage.text)]


def _unit(scored: Scored, section: Section) -> EvidenceUnit:
    unit = scored.unit
    text = NUMBER_IN_BRACKETS.sub(r"[ \1 ]", without_placeholders(without_hidden(unit.text)))
    if unit.kind in {Kind.STEPS, Kind.LIST} and POINT.match(text):  # without an introduction of its own
        text = f"{section.heading_path.split(SEPARATOR)[-1] or section.passage.title}:\n{text}"
    place = (section.passage, section.chunk_id, section.heading_path)
    return EvidenceUnit(*place, text, unit.kind, unit.start, unit.end, scored.fits)


def withdrawn(evidence: Evidence) -> bool:
    """Whether an article of the evidence is no longer for customers: withdrawn, expired, erased or internal.

    Locks the articles, so that the answer holds until the transaction ends.
    """
    read = {unit.passage.article_id for unit in evidence.units if unit.passage.article_id}
    still = for_customers(read).select_for_update().order_by("pk")
    return len(still.values_list("pk", flat=True)) < len(read)


def for_customers(article_ids: Collection[int]) -> QuerySet[Article]:
    """Those of the articles that a reply may rest on today."""
    return Article.objects.published().filter(pk__in=article_ids, audience=Article.Audience.PUBLIC)


def _best_scores(found: SearchResult, translation: Translation | None) -> dict[str, float]:
    """By the language of the passages. Scores of a question and of its translation cannot be compared."""
    if translation is None:
        return {each.language: found.best_score or 0 for each in found.passages}
    best: dict[str, float] = {}
    for each in found.passages:
        best[each.language] = max(each.score, best.get(each.language, 0))
    return best


def _worth_reading(passage: Passage, best: Mapping[str, float]) -> bool:
    return passage.score >= WORTH_READING * best[passage.language]


def by_article(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Hits of one article together, the best of them first; articles keep their order."""
    groups: dict[int, list[Passage]] = {}
    for position, passage in enumerate(passages):
        groups.setdefault(passage.article_id or -position - 1, []).append(passage)
    return list(groups.values())
