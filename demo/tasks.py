"""The demo's first job, in the slow lane: everything that a real desk would have made in the weeks before."""

import logging

from copilot.evidence import question_vectors
from copilot.preparation import backlog
from knowledge.gaps import topics
from knowledge.help_center import visits
from knowledge.hygiene import findings
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.index.vectors import IndexUnavailable
from knowledge.sync import storing

logger = logging.getLogger(__name__)

MOST = 1000  # messages: all that the demo has


def first_look() -> str:
    """Index, messages that wait, topics of gaps, hygiene, last month's questions. Safe to run again.

    Nobody's first page is empty, and no ticket's first look has to search.

    The drafter finds by itself which tickets wait, and waits for the index.
    """
    try:
        articles = storing.repair(patience=600).articles
        prepared = backlog.catch_up(MOST)
        visits.record_gaps()
        grouped = topics.regroup()
        compared = findings.sweep()[0]
        read = question_vectors.fill(question_vectors.MAX_QUESTIONS)
    except (IndexUnavailable, EmbedderUnavailable, question_vectors.NoVectors) as error:
        logger.warning("What is missing is left to the schedules: %s", error)
        return f"waits: {error}"
    return f"{articles} articles indexed; {prepared} messages prepared; {grouped}; {compared}; {read} questions read"


def embed_ahead() -> int:
    """Before anything serves: vectors of all passages, and the topics of what nobody answered. Returns passages."""
    try:
        passages = storing.embed_ahead()
        topics.regroup()
    except EmbedderUnavailable as error:
        logger.warning("Vectors are made later: %s", error)
        return 0
    return passages
