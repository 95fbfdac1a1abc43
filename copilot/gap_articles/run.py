"""Writes an article draft from agents' answers in the drafter: claim, stream, keep. Nothing is published by itself.

A run is claimed by compare-and-set and held by a lease; who stops it takes the state away, and the writer notices at
its next save.
"""

import logging
import time
from contextlib import aclosing
from datetime import timedelta

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from copilot.drafting.writing import HEARTBEAT, with_heartbeat
from copilot.gap_articles import prompt as gap_articles_prompt
from copilot.gap_articles import sources as gap_articles
from copilot.gap_articles.sources import Source
from copilot.gap_articles.text import Written, article, refuses
from copilot.llm import Model, ModelError, Sampling
from copilot.models import GapArticleRun
from knowledge.articles import publishing
from knowledge.gaps import judging
from knowledge.models import Article, GapTopic
from tickets.models import User

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
SAVE_EVERY = 0.7  # seconds
SAMPLING = Sampling(temperature=0.1, max_tokens=420)
INTERRUPTED = "Writing was interrupted. Try again."
NOT_ANSWERED = "None of these tickets has been answered by a person yet."
State = GapArticleRun.State


class NotOurs(Exception):
    """The run was stopped while we wrote."""


def request(topic: GapTopic, by: User) -> tuple[GapArticleRun, bool]:
    """The run that is under way, or a new one for the drafter. (run, created)."""
    end_abandoned(topic)
    try:
        with transaction.atomic():
            run = GapArticleRun.objects.create(topic=topic, requested_by=by)
    except IntegrityError:
        active = GapArticleRun.objects.filter(topic=topic, state__in=GapArticleRun.ACTIVE).first()
        if active is None:  # it ended between our insert and our look
            return request(topic, by)
        return active, False
    return run, True


def latest(topic: GapTopic) -> GapArticleRun | None:
    """The newest run; one that its writer left behind is shown as ended, with the reason (`end_abandoned` notes it)."""
    run = GapArticleRun.objects.filter(topic=topic).select_related("article").first()
    if run is not None and run.state == State.WRITING and run.lease_until and run.lease_until < timezone.now():
        run.state, run.error = State.FAILED, INTERRUPTED
    return run


def end_abandoned(topic: GapTopic | None = None) -> None:
    """Runs whose writer died, before a new one is asked for and now and then by the drafter."""
    left = GapArticleRun.objects.filter(state=State.WRITING, lease_until__lt=timezone.now())
    if topic is not None:
        left = left.filter(topic=topic)
    left.update(state=State.FAILED, finished_at=timezone.now(), lease_until=None, error=INTERRUPTED)


def stop(run: GapArticleRun) -> bool:
    return bool(
        GapArticleRun.objects.filter(pk=run.pk, state__in=GapArticleRun.ACTIVE).update(
            state=State.STOPPED, finished_at=timezone.now(), lease_until=None
        )
    )


async def run(run_id: int, model: Model) -> None:
    """As drafting.run: in a thread of its own for the database."""
    async with ThreadSensitiveContext():
        try:
            await write(run_id, model)
        finally:
            await sync_to_async(connections.close_all)()


async def write(run_id: int, model: Model) -> None:
    """Write one queued run to its end; a second call finds nothing to claim."""
    run = await sync_to_async(_claim)(run_id)
    if run is None:
        return
    try:
        found = await sync_to_async(_prepare)(run)
        if not found:
            await sync_to_async(_end)(run, State.FAILED, error=NOT_ANSWERED)
            return
        await _stream(run, model)
        await sync_to_async(_keep)(run, found)
    except NotOurs:
        log.info("article stopped: run=%s", run.pk)
    except ModelError as error:
        log.warning("article failed: run=%s code=%s", run.pk, error.code)
        await sync_to_async(_end)(run, State.FAILED, error=error.message)


def _claim(run_id: int) -> GapArticleRun | None:
    won = GapArticleRun.objects.filter(pk=run_id, state=State.QUEUED).update(
        state=State.WRITING, lease_until=timezone.now() + LEASE
    )
    return GapArticleRun.objects.select_related("topic", "requested_by").get(pk=run_id) if won else None


def _prepare(run: GapArticleRun) -> list[Source]:
    found = gap_articles.sources(run.topic)
    run.prompt = gap_articles_prompt.messages(
        gap_articles.questions(run.topic), [source.text for source in found], gap_articles.language(run.topic)
    )
    run.prompt_version = gap_articles_prompt.version()
    _save(run, prompt=run.prompt, prompt_version=run.prompt_version)
    return found


async def _stream(run: GapArticleRun, model: Model) -> None:
    source = model.stream(run.prompt, SAMPLING, "background")
    saved = time.monotonic()
    async with aclosing(with_heartbeat(source, HEARTBEAT)) as pieces:
        async for piece in pieces:
            if piece is not None:
                run.text += piece.text
                run.model = piece.model or run.model
            if piece is None or time.monotonic() - saved >= SAVE_EVERY:
                await sync_to_async(_save)(run, text=run.text)
                saved = time.monotonic()
    await sync_to_async(_save)(run, text=run.text, model=run.model)


def _save(run: GapArticleRun, **values: object) -> None:
    ours = GapArticleRun.objects.filter(pk=run.pk, state=State.WRITING).update(
        **values, lease_until=timezone.now() + LEASE
    )
    if not ours:
        raise NotOurs


def _keep(run: GapArticleRun, found: list[Source]) -> None:
    """The text as a draft of the author who asked, or the honest reason why there is none."""
    if refuses(run.text):
        _end(run, State.FAILED, error="The model found no answer to the questions in what agents replied.")
        return
    written = article(run.text, [source.text for source in found], run.topic.name)
    if written.empty:
        _end(run, State.FAILED, error="Nothing of what the model wrote is supported by the replies.")
        return
    with transaction.atomic():
        made = _article(run, written, found)
        if not _end(run, State.READY, article=made):
            transaction.set_rollback(True)  # stopped at the last moment
            return
        judging.attach_draft(run.topic, made)


def _article(run: GapArticleRun, written: Written, found: list[Source]) -> Article:
    made = Article(
        title=written.title,
        body_md=written.body_md,
        owner=run.requested_by,
        language=gap_articles.language(run.topic),
        category=gap_articles.category(run.topic),
    )
    tickets = f"{len(found)} ticket" + ("" if len(found) == 1 else "s")
    sentences = f"{written.dropped} sentence" + ("" if written.dropped == 1 else "s")
    note = f"written by a model from the replies on {tickets}; {sentences} dropped that no reply supports"
    records = [source.record for source in found]
    publishing.save_revision(made, author=run.requested_by, note=note, model=run.model or "unknown", sources=records)
    return made


def _end(run: GapArticleRun, state: State, **values: object) -> bool:
    ours = GapArticleRun.objects.filter(pk=run.pk, state=State.WRITING).update(
        state=state, finished_at=timezone.now(), lease_until=None, **values
    )
    return bool(ours)
