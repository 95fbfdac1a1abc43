"""The minimum score of drafts: how probable it must be that the evidence answers, 0 to 1 (selecting.py)."""

from django.conf import settings

from config import catalogue
from config.catalogue import MinScore
from copilot import prompts
from copilot.drafting import pointing, selecting
from copilot.drafting.selecting import Calibration

# For a writer or a prompt that nobody measured, and for a server that is not ours, whose model we do not know
# (decision 22).
UNMEASURED = 0.5
# Of 360 cases that the writer was not trained with, 95% of those that reach it have an answer, and 94% of those without
# one do not reach it (decision 35).
SURE = 0.9


def of_writer() -> MinScore:
    """Depends on the writer; 0 means that whatever was found is taken for an answer."""
    if settings.DRAFT_MIN_SCORE is not None:
        return MinScore(settings.DRAFT_MIN_SCORE, "set")
    return _measured() or MinScore(UNMEASURED, "cautious")


def calibration() -> Calibration:
    """How the writer's probability is read. That of one that nobody measured is taken as it is."""
    return selecting.FITTED if _measured() else Calibration()


def is_sure(probability: float | None) -> bool:
    """Whether a page may say that a draft answers; otherwise it says that somebody should look.

    Never for a writer or a prompt that nobody measured: its probability means something else.
    """
    return _measured() is not None and probability is not None and probability >= SURE


def _measured() -> MinScore | None:
    """None for a writer that we do not know, and for a prompt that leads have changed."""
    return catalogue.measured(catalogue.known_writer()) if prompts.is_as_shipped(pointing.PROMPT) else None
