"""The first jobs of the demo, in the slow lane: what a real desk would have made in the weeks before."""

import logging

from config.jobs import SLOW, queue
from copilot.drafting import following
from copilot.evidence import question_vectors
from copilot.preparation import backlog
from copilot.similar import walking
from copilot.triage import retraining
from copilot.triage.training import TooFew
from demo import triages
from knowledge.gaps import topics
from knowledge.help_center import visits
from knowledge.hygiene import findings
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.index.vectors import IndexUnavailable
from knowledge.sync import storing

logger = logging.getLogger(__name__)

MOST = 20  # messages in one job: some ten seconds of searching
FINISHED = "first look: all done"


def first_look(part: int = 0) -> str:
    """One of PARTS, or some seconds of it; the rest is a job again, behind the others that wait in the lane.

    So the first pages are not empty, and the first look at a ticket need not search. Can be repeated. The drafter finds
    waiting tickets by itself, and waits for the index.
    """
    try:
        made, finished = PARTS[part]()
    except (IndexUnavailable, EmbedderUnavailable, question_vectors.NoVectors, TooFew) as error:
        logger.warning("The schedules will do the rest: %s", error)
        return f"waits: {error}"
    next_part = part + 1 if finished else part
    if next_part == len(PARTS):
        return f"{made}; {FINISHED}"
    queue("demo.tasks.first_look", next_part, lane=SLOW)
    return made


def _index() -> tuple[str, bool]:
    return f"{storing.repair(patience=600).articles} articles indexed", True


def _classifier() -> tuple[str, bool]:
    return str(retraining.keep_one() or "no other classifier"), True


def _waiting_messages() -> tuple[str, bool]:
    prepared = backlog.catch_up(MOST, then=following.prepared)
    return f"{prepared} messages prepared", prepared < MOST


def _solved_tickets() -> tuple[str, bool]:
    kept = walking.keep()
    return f"{kept.stored} solved tickets read", not (kept.left and (kept.read or kept.stored))


def _gaps() -> tuple[str, bool]:
    visits.record_gaps()
    return str(topics.regroup()), True


def _hygiene() -> tuple[str, bool]:
    return str(findings.sweep()[0]), True


def _questions() -> tuple[str, bool]:
    read = question_vectors.fill()
    return f"{read} questions read", read < question_vectors.BATCH


def _old_tickets() -> tuple[str, bool]:
    classified = triages.classify_history(MOST)
    return f"{classified} old tickets classified", classified < MOST


# Each returns what it made, and whether it is finished.
PARTS = (_index, _classifier, _waiting_messages, _solved_tickets, _gaps, _hygiene, _questions, _old_tickets)


def embed_ahead() -> int:
    """Before the processes start: vectors of all passages, and topics of gaps. Returns the number of passages."""
    try:
        passages = storing.embed_ahead()
        topics.regroup()
    except EmbedderUnavailable as error:
        logger.warning("The vectors will be made later: %s", error)
        return 0
    return passages
