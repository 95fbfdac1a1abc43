"""How well drafts know when there is nothing to say: search and the model's check, on questions somebody has judged.

The score of a question is what `writing.answerable` compares with the minimum score of drafts (min_score.py); 0 where
the search already finds nothing. Asked are the desk's own articles. Measured with `manage.py evaluate_refusals`.
"""

from collections.abc import Callable, Sequence

from asgiref.sync import async_to_sync

from copilot.drafting import asking
from copilot.evidence.grounding import Grounds, find
from copilot.evidence.question import Question
from copilot.llm import Model
from copilot.redaction import Masker, Person
from knowledge.evaluation.answerability import Case, Scored
from knowledge.models import Article


class NoLogprobs(Exception):
    """The model server does not say how sure it is; the minimum score of drafts has no effect with it."""


def judge(cases: Sequence[Case], model: Model, told: Callable[[], object] = lambda: None) -> list[Scored]:
    """One question after the other, as drafts ask them; `told` after each. Raises ModelError and NoLogprobs."""
    judged = []
    for case in cases:
        masker = Masker(Person())
        asked = masker.mask(case.query)
        grounds = find(Question(asked, asked, "en", masker))
        judged.append(Scored(case, _score(grounds, asked, model), _right(grounds, case)))
        told()
    return judged


def _score(grounds: Grounds, asked: str, model: Model) -> float:
    if not grounds.passages:
        return 0.0
    sure = async_to_sync(asking.answerable)(grounds.excerpts, asked, model, "background")
    if sure is None:
        raise NoLogprobs
    return sure


def _right(grounds: Grounds, case: Case) -> bool:
    if not grounds.passages:
        return False
    first = Article.objects.filter(pk=grounds.passages[0].article_id).values_list("external_id", flat=True)
    return first.first() in case.gold
