"""How the search index is, for doctor and /health."""

from django.conf import settings

from config.running.doctor import Answer, degraded, ok, probe
from knowledge.index import chroma_folder, vectors
from knowledge.index.embeddings import get_embedder
from knowledge.models import Chunk
from knowledge.sync import storing

RUN = "make run"


@probe("chroma")
def chroma() -> Answer:
    mend = (
        f"{RUN}; until then search goes by words only"
        if settings.CHROMA_EMBEDDED
        else "Start the server that CHROMA_URL names."
    )
    wanted = Chunk.objects.count()
    aside = [each.name for each in chroma_folder.set_aside_before(chroma_folder.folder_in(settings.VAR_DIR))]
    try:
        stored = vectors.get_store(get_embedder().name).count()
    except vectors.IndexDamaged as error:
        return degraded(
            f"{error} Search goes by words only", "The worker does it in two minutes; manage.py reindex at once."
        )
    except vectors.IndexUnavailable as error:
        return degraded(str(error), mend)
    waiting = len(storing.pending())
    if stored != wanted or waiting:
        return degraded(
            f"{waiting} articles wait for the index; it has {stored} passages, the database {wanted}",
            "The worker catches up within a minute; manage.py verify_index --repair does it at once.",
        )
    kept = f"; a damaged index was set aside as {aside[-1]}, delete it when you like" if aside else ""
    return ok(f"{stored} passages{kept}")
