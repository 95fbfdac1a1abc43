"""What a draft may rest on."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import transaction

from copilot.evidence import gathering
from copilot.evidence.gathering import MAX_ARTICLES, MAX_INTERNAL, WORTH_READING, Evidence, gather
from copilot.evidence.units import Kind
from knowledge.models import Article, Chunk
from knowledge.search.retrieval import Passage, SearchResult
from tests.articles import approved
from tests.copilot.conftest import passage, published, withdraw

QUESTION = "How long does a pending charge stay on my card?"
# Long enough to be indexed section by section.
BODY = f"""Your card shows every charge. {"Many people like old trees. " * 60}

## Pending charges

A pending charge stays on the card for 5 days. {"Banks decide many things. " * 60}

## Seeing them

To see a pending charge on the card:

1. Open Cards.
2. Select Pending.

{"Gardens have many old trees. " * 60}
"""


def found(*passages: Passage) -> SearchResult:
    best = max((each.score for each in passages), default=None)
    return SearchResult(passages, "hybrid", None, "", 3.0, best, 0.35)


def of_article(number: int, text: str = "A pending charge stays on the card for 5 days.", **fields: Any) -> Passage:
    """A passage that is no longer in the database, so that nothing but itself is read."""
    return passage(number, text, **({"article_id": number} | fields))


def titles(evidence: Evidence) -> list[str]:
    return [unit.passage.title for unit in evidence.units]


def unlike(count: int, **fields: Any) -> Sequence[Passage]:
    """Each says something else: what is said twice is only one unit."""
    return [
        of_article(number, f"Charge number {number} stays on the card.", **fields) for number in range(1, count + 1)
    ]


class TestArticles:
    def test_one_far_behind_the_best_is_not_read(self) -> None:
        near, far = 0.8 * WORTH_READING + 0.01, 0.8 * WORTH_READING - 0.01
        scores = (0.8, near, far)
        given = [of_article(number, f"Charge {number} stays.", score=at) for number, at in enumerate(scores, start=1)]
        assert titles(gather(QUESTION, found(*given))) == ["Article 1", "Article 2"]

    def test_a_few_are_enough(self) -> None:
        assert len(set(titles(gather(QUESTION, found(*unlike(MAX_ARTICLES + 2)))))) == MAX_ARTICLES

    def test_one_that_is_found_twice_is_read_once(self) -> None:
        twice = (of_article(1, "A charge stays.", score=0.8), of_article(1, "Another charge stays.", score=0.75))
        evidence = gather(QUESTION, found(*twice))
        assert [unit.text for unit in evidence.units] == ["A charge stays."]
        assert gathering.by_article(twice) == [list(twice)]

    def test_passages_without_an_article_are_kept_apart(self) -> None:
        loose = [of_article(number, article_id=None) for number in (1, 2)]
        assert gathering.by_article(loose) == [[loose[0]], [loose[1]]]

    def test_nothing_found_is_no_evidence(self) -> None:
        evidence = gather(QUESTION, found())
        assert (evidence.units, evidence.internal, evidence.questions) == ((), (), (QUESTION,))

    def test_internal_ones_are_for_agents_only(self) -> None:
        inside = [of_article(number, "Only for agents.", audience="internal") for number in range(5, 9)]
        evidence = gather(QUESTION, found(*inside, *unlike(2)))
        assert set(titles(evidence)) == {"Article 1", "Article 2"}
        assert [each.title for each in evidence.internal] == ["Article 5", "Article 6"]
        assert len(evidence.internal) == MAX_INTERNAL
        assert not any("Only for agents" in unit.text for unit in evidence.units)


@pytest.mark.django_db
class TestUnits:
    @pytest.fixture
    def evidence(self) -> Evidence:
        """One section was found."""
        article = approved("Charges", BODY)
        chunk = article.chunks.order_by("ordinal").last()
        assert chunk is not None
        names = {"article_id": article.pk, "revision_id": chunk.revision_id, "chunk_id": chunk.pk, "title": "Charges"}
        return gather(QUESTION, found(passage(1, chunk.text, heading_path=chunk.heading_path, **names)))

    def test_they_are_cut_from_the_whole_article_in_reading_order(self, evidence: Evidence) -> None:
        assert Article.objects.get().chunks.count() > 2
        said = [(unit.text, unit.kind) for unit in evidence.units if "charge" in unit.text]
        assert said == [
            ("Your card shows every charge.", Kind.SENTENCE),
            ("A pending charge stays on the card for 5 days.", Kind.SENTENCE),
            ("To see a pending charge on the card:\n1. Open Cards.\n2. Select Pending.", Kind.STEPS),
        ]

    def test_each_has_its_section_and_its_place_in_it(self, evidence: Evidence) -> None:
        for unit in evidence.units:
            there = Chunk.objects.get(pk=unit.chunk_id).text[unit.start : unit.end]
            assert there.split() == unit.text.split()
        heads = [unit.head for unit in evidence.units if "charge" in unit.text]
        assert heads == ["Charges", "Charges › Pending charges", "Charges › Seeing them"]

    def test_each_question_has_its_score(self) -> None:
        two = "How long does a pending charge stay on my card? Which bank sends the refund?"
        evidence = gather(two, found(*unlike(2)))
        assert len(evidence.questions) == 2
        assert all(len(unit.scores) == 2 for unit in evidence.units)

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("Write <NAME> and <EMAIL_1> on the form.", "Write (name) and (email_1) on the form."),
            ("The charge stays, see [2] on the bill.", "The charge stays, see [ 2 ] on the bill."),
            ("The charge \u202estays\U000e0041\U000e0042 5 days.", "The charge stays 5 days."),
            ("A charge has `rows[1]` and [x].", "A charge has rows[ 1 ] and [x]."),
        ],
    )
    def test_what_an_article_writes_is_neither_placeholder_nor_citation(self, written: str, read: str) -> None:
        assert [unit.text for unit in gather(QUESTION, found(of_article(1, written))).units] == [read]

    @pytest.mark.parametrize(
        ("heading", "read"),
        [("Charges › Seeing them", "Seeing them:"), ("", "Article 1:")],
    )
    def test_steps_without_an_introduction_get_their_heading(self, heading: str, read: str) -> None:
        steps = "1. Open the charges of the card.\n2. Select Pending."
        (unit,) = gather(QUESTION, found(of_article(1, steps, heading_path=heading))).units
        assert unit.text == f"{read}\n{steps}" and (unit.start, unit.end) == (0, len(steps))


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["", "unpublish", "archive", "erase", "expire", "make internal"])
def test_evidence_is_withdrawn_when_one_of_its_articles_is(verb: str) -> None:
    there = [published(number, f"Charge {number} stays on the card.") for number in (1, 2)]
    evidence = gather(QUESTION, found(*there))
    assert len(evidence.units) == 2
    if verb:
        withdraw(Article.objects.get(pk=there[0].article_id), verb)
    with transaction.atomic():
        assert gathering.withdrawn(evidence) is bool(verb)


@pytest.mark.django_db
def test_an_internal_hit_that_is_withdrawn_does_not_matter() -> None:
    seen, inside = published(1, "Charge 1 stays."), published(2, "Only for agents.")
    Article.objects.filter(pk=inside.article_id).update(audience=Article.Audience.INTERNAL)
    evidence = gather(QUESTION, found(seen, passage(2, inside.text, article_id=inside.article_id, audience="internal")))
    withdraw(Article.objects.get(pk=inside.article_id), "archive")
    with transaction.atomic():
        assert evidence.internal and not gathering.withdrawn(evidence)
