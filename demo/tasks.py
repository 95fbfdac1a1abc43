"""The first job of the demo, in the slow lane: what a real desk would have made in the weeks before."""

import logging
import time

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

PATIENCE = 120.0  # seconds for the solved tickets; the schedule does the rest
MOST = 1000  # messages, and tickets: all that the demo has


def first_look() -> str:
    """Index, classifier, solved tickets, waiting messages, topics of gaps, hygiene, last month's questions, triage.

    So the first pages are not empty, and the first look at a ticket need not search. Can be repeated. The drafter finds
    waiting tickets by itself, and waits for the index.
    """
    try:
        articles = storing.repair(patience=600).articles
        retraining.keep_one()
        solved = _read_solved()
        prepared = backlog.catch_up(MOST, then=following.prepared)
        visits.record_gaps()
        grouped = topics.regroup()
        compared = findings.sweep()[0]
        read = question_vectors.fill(question_vectors.MAX_QUESTIONS)
        classified = triages.classify_history()
    except (IndexUnavailable, EmbedderUnavailable, question_vectors.NoVectors, TooFew) as error:
        logger.warning("The schedules will do the rest: %s", error)
        return f"waits: {error}"
    made = f"{articles} articles indexed; {prepared} messages prepared; {grouped}; {compared}"
    return f"{made}; {solved} solved tickets read; {read} questions read; {classified} old tickets classified"


def _read_solved() -> int:
    """How many closed tickets are compared with open ones now."""
    stored, deadline = 0, time.monotonic() + PATIENCE
    while (left := deadline - time.monotonic()) > 0:
        kept = walking.keep(patience=left)
        stored += kept.stored
        if not kept.left:
            break
    return stored


def embed_ahead() -> int:
    """Before the processes start: vectors of all passages, and topics of gaps. Returns the number of passages."""
    try:
        passages = storing.embed_ahead()
        topics.regroup()
    except EmbedderUnavailable as error:
        logger.warning("The vectors will be made later: %s", error)
        return 0
    return passages
