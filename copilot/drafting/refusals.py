"""How well search and answerability check refuse questions that have no answer, measured on labelled questions.

The score of a question is what `writing.answerable` compares with the minimum score of drafts (min_score.py); 0 where
the search already finds nothing. Uses the desk's own articles. Run by `manage.py evaluate_refusals`.
"""

from collections.abc import Callable, Sequence

from asgiref.sync import async_to_sync

from copilot.drafting import asking
from copilot.evidence.grounding import Grounding, find
from copilot.evidence.question import Question
from copilot.llm import Model
from copilot.redaction import Masker, Person
from knowledge.evaluation.answerability import Case, Scored
from knowledge.models import Article


class NoLogprobs(Exception):
    """The model server gives no logprobs, so the minimum score of drafts has no effect with it."""


def judge(cases: Sequence[Case], model: Model, advance: Callable[[], object] = lambda: None) -> list[Scored]:
    """Check each question as drafts do, then call `advance`. Raises ModelError and NoLogprobs."""
    judged = []
    for case in cases:
        masker = Masker(Person())
        asked = masker.mask(case.query)
        grounding = find(Question(asked, asked, "en", masker))
        judged.append(Scored(case, _score(grounding, asked, model), _right(grounding, case)))
        advance()
    return judged


def _score(grounding: Grounding, asked: str, model: Model) -> float:
    if not grounding.passages:
        return 0.0
    sure = async_to_sync(asking.answerable)(grounding.excerpts, asked, model, "background")
    if sure is None:
        raise NoLogprobs
    return sure


def _right(grounding: Grounding, case: Case) -> bool:
    if not grounding.passages:
        return False
    first = Article.objects.filter(pk=grounding.passages[0].article_id).values_list("external_id", flat=True)
    return first.first() in case.gold
