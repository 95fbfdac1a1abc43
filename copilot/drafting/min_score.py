"""The minimum score of drafts: how probable the writer must find it that the sources answer, 0 to 1."""

from django.conf import settings

from config import catalogue
from config.catalogue import MinScore

# For a writer that nobody measured, and for any server that is not ours, whose model we do not know: the likelier of
# yes and no decides (docs/decisions/0022).
UNMEASURED = 0.5


def of_writer() -> MinScore:
    """Depends on the writer; 0 means that the check is skipped."""
    if settings.DRAFT_MIN_SCORE is not None:
        return MinScore(settings.DRAFT_MIN_SCORE, "set")
    measured = catalogue.measured(settings.COPILOT_MODEL) if settings.LLM_EMBEDDED else None
    return measured or MinScore(UNMEASURED, "cautious")
