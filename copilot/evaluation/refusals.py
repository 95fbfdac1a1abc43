"""How well search and evidence refuse questions that have no answer, measured on labelled questions.

The score of a question is the probability that drafts compare with the minimum score (min_score.py); 0 where the search
already finds nothing. Uses the desk's own articles. Run by `manage.py evaluate_refusals`.
"""

from collections.abc import Callable, Sequence

from asgiref.sync import async_to_sync

from copilot.drafting import answering, pointing
from copilot.drafting.answering import Asked
from copilot.evidence.gathering import find
from copilot.evidence.question import Question
from copilot.llm import Model
from copilot.redaction import Masker, Person
from knowledge.evaluation.answerability import Case, Scored
from knowledge.models import Article


class NoLogprobs(Exception):
    """The model server gives no logprobs, so the model cannot say which units answer."""


def judge(cases: Sequence[Case], model: Model, advance: Callable[[], object] = lambda: None) -> list[Scored]:
    """Check each question as drafts do, then call `advance`. Raises ModelError and NoLogprobs."""
    judged = []
    for case in cases:
        masker = Masker(Person())
        asked = masker.mask(case.query)
        judged.append(_judge(case, Asked(asked, "en", find(Question(asked, asked, "en", masker))), model))
        advance()
    return judged


def _judge(case: Case, asked: Asked, model: Model) -> Scored:
    units = asked.evidence.units
    if not units:
        return Scored(case, 0.0, False)
    pointed = async_to_sync(pointing.point)(units, asked.questions, model, "background")
    if None in pointed:
        raise NoLogprobs
    reply = answering.in_own_words(asked, pointed)
    read = {units[number - 1].passage.article_id for number in reply.numbers}
    right = Article.objects.filter(pk__in=read, external_id__in=case.gold).exists()
    return Scored(case, reply.probability, right)
