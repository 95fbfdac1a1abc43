"""Background jobs: thin, by id, safe to run twice. Drafts are no jobs: the drafter takes them from their table."""

from copilot.evidence import question_vectors
from knowledge.index.embeddings import EmbedderUnavailable


def read_questions() -> str:
    """Once a minute: vectors of last month's questions, for whoever tries an article while writing it."""
    try:
        made, again = question_vectors.fill(), question_vectors.score_again()
    except (EmbedderUnavailable, question_vectors.NoVectorsNow) as error:
        return f"waits: {error}"
    return f"{made} read, {again} asked again"


def score_questions(article_id: int) -> str:
    """An article was published or withdrawn."""
    try:
        return f"{question_vectors.score_article(article_id)} better answered"
    except (EmbedderUnavailable, question_vectors.NoVectorsNow) as error:
        return f"waits: {error}"
