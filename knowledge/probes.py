"""The state of the search index and of the minimum score, for doctor and /health."""

from django.conf import settings

from config import catalogue
from config.running.doctor import Answer, degraded, ok, probe
from knowledge.index import chroma_folder, vectors
from knowledge.index.embeddings import get_embedder
from knowledge.models import Chunk
from knowledge.search import configuration, min_scores
from knowledge.sync import storing

RUN = "make run"
MEASURE = "manage.py evaluate_answerability --cases F --articles DIR --save"
SOURCES = {"measured": "measured", "set": "set by RETRIEVAL_MIN_SCORE"}


@probe("chroma")
def chroma() -> Answer:
    mend = (
        f"{RUN}. Until then search goes by words only"
        if settings.CHROMA_EMBEDDED
        else "Start the server that CHROMA_URL names."
    )
    wanted = Chunk.objects.count()
    aside = [each.name for each in chroma_folder.set_aside_before(chroma_folder.folder_in(settings.VAR_DIR))]
    try:
        stored = vectors.get_store(get_embedder().name).count()
    except vectors.IndexDamaged as error:
        return degraded(
            f"{error} Search goes by words only",
            "The worker rebuilds it within two minutes; manage.py reindex does it now.",
        )
    except vectors.IndexUnavailable as error:
        return degraded(str(error), mend)
    waiting = len(storing.pending())
    if stored != wanted or waiting:
        return degraded(
            f"{waiting} articles wait for the index; it has {stored} passages, the database {wanted}",
            "The worker catches up within a minute; manage.py verify_index --repair does it now.",
        )
    kept = f"; a damaged index was moved to {aside[-1]}, delete it when you like" if aside else ""
    return ok(f"{stored} passages{kept}")


@probe("search score")
def min_score_of_search() -> Answer:
    """Is the minimum score known for the embedder, and where does it come from?"""
    now, found = configuration.current(), min_scores.of_embedder()
    number = f"minimum score {now.min_score:.2f} for {now.models}{_of_reranker(now)}"
    if found.source == "unknown":
        return degraded(
            "Not known: the embedder cannot be loaded, so search goes by words only", "manage.py fetch_models"
        )
    if now.number and not configuration.min_score_not_measured(now):
        return ok(f"{number}; saved as {now.name}")
    if found.source == "cautious":
        return degraded(f"{number}; a cautious guess, because this embedder was not measured", MEASURE)
    measured = catalogue.measured(now.models.embedder)
    if found.source == "set" and measured and measured.value != found.value:
        mend = "Remove RETRIEVAL_MIN_SCORE. A score saved under “Try a search” is for this embedder only."
        return degraded(f"{number}; set by RETRIEVAL_MIN_SCORE, but {measured.value:.2f} was measured", mend)
    return ok(f"{number}; {SOURCES[found.source]}")


def _of_reranker(now: configuration.Configuration) -> str:
    """A reranker that was not measured still works, but searches in other languages find less."""
    known = not now.models.reranker or min_scores.of_reranker() is not None
    return "" if known else " (the reranker was not measured, so in other languages only words count)"
