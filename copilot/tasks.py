"""Background jobs: thin, by id, safe to run twice."""

import logging
from datetime import datetime, timedelta

from asgiref.sync import async_to_sync
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from copilot import draft_states, drafting, llm, question_vectors
from copilot.models import Draft
from knowledge.embeddings import EmbedderUnavailable
from tickets.models import Message, OutgoingMail, Ticket

log = logging.getLogger(__name__)

# How far back a message without a draft is still worth one.
CATCH_UP_DAYS = 14
CATCH_UP_BATCH = 20


def enqueue(job: str, object_id: int) -> None:
    """Queue after commit. A broken broker delays the work until `catch_up`; it never breaks the caller."""
    from django_q.tasks import async_task

    def put() -> None:
        try:
            async_task(f"copilot.tasks.{job}", object_id, task_name=f"{job}-{object_id}")
        except Exception as error:  # noqa: BLE001 - any broker failure is the same to us
            log.warning("job not queued: job=%s id=%s error=%s", job, object_id, type(error).__name__)

    transaction.on_commit(put)


def prepare_message(message_id: int) -> None:
    """A customer message arrived: have a draft ready before an agent opens the ticket."""
    message = Message.objects.select_related("ticket__customer").filter(pk=message_id).first()
    if message is None or message.ticket.status == Ticket.Status.CLOSED:
        return
    latest = message.ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    if latest is None or latest.pk != message.pk or message.drafts.exists():
        return
    draft, _ = draft_states.request_draft(message.ticket, message, Draft.Origin.ARRIVAL)
    write_draft(draft.pk)


def write_draft(draft_id: int) -> None:
    async_to_sync(drafting.write)(draft_id, llm.HttpModel(), "background")


def catch_up() -> str:
    """Once a minute: what a dead process, a lost job or a missing model left undone."""
    now = timezone.now()
    for draft in Draft.objects.filter(state=Draft.State.WRITING, lease_until__lt=now):
        draft_states.recover(draft)
    lost = Draft.objects.filter(state=Draft.State.QUEUED, created_at__lt=now - timedelta(seconds=30))
    unprepared = messages_without_draft(now - timedelta(days=CATCH_UP_DAYS))
    delayed = Draft.objects.filter(state=Draft.State.FAILED, retryable=True, outdated=False)
    if not (lost.exists() or unprepared.exists() or delayed.exists()):
        return "nothing to do"
    if not llm.health().ready:
        return "no model"
    for draft in delayed.order_by("-ticket__priority", "created_at")[:CATCH_UP_BATCH]:
        retry(draft)
    for draft in lost[:CATCH_UP_BATCH]:
        enqueue("write_draft", draft.pk)
    for message in unprepared[:CATCH_UP_BATCH]:
        enqueue("prepare_message", message.pk)
    return "caught up"


def messages_without_draft(since: datetime) -> QuerySet[Message]:
    """The latest customer message of each open ticket, if nobody answered it and it never had a draft."""
    later = (
        Message.objects.filter(ticket=OuterRef("ticket"), created_at__gt=OuterRef("created_at"))
        .exclude(kind=Message.Kind.NOTE)
        .exclude(outgoing__state=OutgoingMail.State.UNDONE)
    )
    return (
        Message.objects.filter(kind=Message.Kind.CUSTOMER, created_at__gte=since, ticket__status=Ticket.Status.OPEN)
        .exclude(Exists(later))
        .exclude(Exists(Draft.objects.filter(message=OuterRef("pk"))))
        .order_by("-ticket__priority", "ticket__waiting_since")
    )


def retry(draft: Draft) -> None:
    """failed -> queued, unless another draft is being written for the ticket by now."""
    if Draft.objects.active().filter(ticket=draft.ticket_id).exists():
        return
    if draft.ticket.drafts.filter(created_at__gt=draft.created_at).exists():
        Draft.objects.filter(pk=draft.pk).update(retryable=False)
        return
    if Draft.objects.filter(pk=draft.pk, state=Draft.State.FAILED).update(
        state=Draft.State.QUEUED, retryable=False, attempts=0, created_at=timezone.now()
    ):
        enqueue("write_draft", draft.pk)


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


def write_gap_article(run_id: int) -> None:
    """An author asked for an article from what agents answered."""
    from copilot import gap_articles_run  # it queues this job

    async_to_sync(gap_articles_run.write)(run_id, llm.HttpModel())
