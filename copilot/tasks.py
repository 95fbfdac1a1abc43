"""Background jobs: thin, by id, safe to run twice. Drafts are not jobs: the drafter takes them from their table."""

from asgiref.sync import async_to_sync
from django.db import IntegrityError

from copilot import llm
from copilot.drafting import following, renewal
from copilot.escalation import sending
from copilot.evidence import question_vectors
from copilot.models import Draft
from copilot.preparation import backlog, pipeline
from copilot.similar import indexing, remembering, walking
from copilot.text_changes import trials
from copilot.triage import retraining
from copilot.triage.training import TooFew
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder
from knowledge.index.vectors import IndexUnavailable
from tickets.models import Message, User


def prepare_message(message_id: int) -> str:
    """A customer message arrived."""
    message = Message.objects.select_related("ticket__customer").filter(pk=message_id).first()
    if message is None:
        return "gone"
    if message.drafts.filter(state=Draft.State.WRITING).exists():
        return "the writer of its draft prepares it"
    try:
        fresh = pipeline.prepare(message).fresh
        following.prepared(message)
    except IntegrityError:
        if Message.objects.filter(pk=message_id).exists():
            raise
        return "gone"
    return f"made: {', '.join(fresh)}" if fresh else "was there"


def prepare_waiting() -> str:
    """Once a minute: messages that were missed, or whose preparation is outdated by an article or a setting.

    Then drafts that are outdated by that.
    """
    prepared = backlog.catch_up(then=following.prepared)
    said = f"{prepared} prepared, {renewal.request()} drafts to be prepared again"
    routed = following.route_again() + following.settle()
    sending.settle()
    return f"{said}, {routed} routed again" if routed else said


def route_open_tickets() -> str:
    """A lead has saved other rules."""
    return f"{following.route_again()} routed again"


def read_questions() -> str:
    """Once a minute: vectors of last month's questions, for authors who try an article while they write it."""
    try:
        made, again = question_vectors.fill(), question_vectors.score_again()
    except (EmbedderUnavailable, question_vectors.NoVectors) as error:
        return f"waits: {error}"
    return f"{made} read, {again} asked again"


def score_questions(article_id: int) -> str:
    """An article was published or withdrawn."""
    try:
        return f"{question_vectors.score_article(article_id)} better answered"
    except (EmbedderUnavailable, question_vectors.NoVectors) as error:
        return f"waits: {error}"


def try_text(trial_id: int) -> str:
    """A lead tries a version of a prompt on past messages."""
    async_to_sync(trials.run)(trial_id, llm.HttpModel())
    trial = trials.latest(trial_id)
    return trial.state if trial else "gone"


def keep_classifier() -> str:
    """Once a minute: the first classifier is trained as soon as its embedder is there, and another for another one."""
    try:
        model = retraining.keep_one()
    except (EmbedderUnavailable, TooFew) as error:
        return f"waits: {error}"
    return f"trained: {model.pk}" if model else "is there"


def retrain_triage(member_id: int) -> str:
    """A lead asks for a classifier that has learnt from the corrections."""
    try:
        return f"trained: {retraining.retrain(User.objects.filter(pk=member_id).first()).pk}"
    except (EmbedderUnavailable, TooFew) as error:
        return f"waits: {error}"


def remember_solved(ticket_id: int) -> str:
    """A ticket was closed: how it was solved is found for others within seconds."""
    made = remembering.remember(ticket_id)
    try:
        embedder = get_embedder()
        synced = indexing.sync([ticket_id], embedder, indexing.store_of(embedder), 1)
    except (IndexUnavailable, EmbedderUnavailable) as error:
        return f"waits: {error}"
    return f"{'read' if made else 'was read'}, {synced.stored} stored, {synced.deleted} removed"


def keep_solved() -> str:
    """Once a minute: closed tickets that were missed, and their vectors."""
    try:
        kept = walking.keep()
    except (IndexUnavailable, EmbedderUnavailable) as error:
        return f"waits: {error}"
    said = f"{kept.read} read, {kept.stored} stored, {kept.deleted} removed"
    return f"{said}, more to do" if kept.left else said
