"""What `manage.py doctor` asks about the search."""

from config import catalogue
from config.running.doctor import Answer, degraded, ok, probe
from knowledge.search import configuration, min_scores

MEASURE = "manage.py evaluate_answerability --cases F --articles DIR --save"
SOURCES = {"measured": "measured", "set": "set by RETRIEVAL_MIN_SCORE"}


@probe("search score")
def min_score_of_search() -> Answer:
    """Whether it is known for the embedder, and where it comes from."""
    now, found = configuration.current(), min_scores.of_embedder()
    number = f"minimum score {now.min_score:.2f} for {now.models}{_of_reranker(now)}"
    if now.number:
        return ok(f"{number}; saved as {now.name}")
    if found.source == "cautious":
        return degraded(f"{number}; a cautious guess, for nobody has measured this embedder", MEASURE)
    measured = catalogue.measured(now.models.embedder)
    if found.source == "set" and measured and measured.value != found.value:
        mend = "Remove RETRIEVAL_MIN_SCORE; a number saved under “Try a search” belongs to this embedder alone."
        return degraded(f"{number}; set by RETRIEVAL_MIN_SCORE, but measured were {measured.value:.2f}", mend)
    return ok(f"{number}; {SOURCES[found.source]}")


def _of_reranker(now: configuration.Configuration) -> str:
    """A reranker that nobody measured is no fault, but searches in other languages find less."""
    known = not now.models.reranker or min_scores.of_reranker() is not None
    return "" if known else " (which nobody has measured: in other languages only words count)"
