"""Writes an article draft from agents' replies, in the drafter: claim, stream, store. Publishing is left to authors.

A run is held by a lease (copilot/leases.py). Stopping it changes its state, and the writer notices when it renews.
"""

import asyncio
import logging
import time
from contextlib import aclosing

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import IntegrityError, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from copilot import calls, leases, prompts
from copilot.calls import Call, ModelRequest, Purpose
from copilot.gap_articles import sources as gap_articles
from copilot.gap_articles.sources import Source
from copilot.gap_articles.text import PROMPT, Written, article, refuses
from copilot.leases import LeaseLost
from copilot.llm import Model, ModelError, Sampling
from copilot.models import GapArticleRun
from knowledge.articles import publishing
from knowledge.gaps import decisions
from knowledge.models import Article, GapTopic
from tickets.models import User

log = logging.getLogger(__name__)

SAVE_EVERY = 0.7  # seconds
SAMPLING = Sampling(temperature=0.1, max_tokens=420)
INTERRUPTED = gettext_noop("Writing was interrupted. Try again.")
NOT_ANSWERED = gettext_noop("No agent has replied to these tickets yet.")
REFUSED = gettext_noop("The model found no answer to the questions in the agents’ replies.")
UNSUPPORTED = gettext_noop("Nothing that the model wrote is supported by the replies.")
State = GapArticleRun.State


def request(topic: GapTopic, by: User) -> tuple[GapArticleRun, bool]:
    """The topic's active run, or a new one for the drafter. Returns (run, created)."""
    end_abandoned(topic)
    try:
        with transaction.atomic():
            run = GapArticleRun.objects.create(topic=topic, requested_by=by)
    except IntegrityError:
        active = GapArticleRun.objects.filter(topic=topic, state__in=GapArticleRun.ACTIVE).first()
        if active is None:  # it ended between our insert and our query
            return request(topic, by)
        return active, False
    return run, True


def latest(topic: GapTopic) -> GapArticleRun | None:
    """The newest run. An abandoned one is shown as failed; `end_abandoned` stores that later."""
    run = GapArticleRun.objects.filter(topic=topic).select_related("article").first()
    if run is not None and run.abandoned:
        run.state, run.error = State.FAILED, INTERRUPTED
    return run


def end_abandoned(topic: GapTopic | None = None) -> None:
    """End runs whose writer died: before a new request, and regularly in the drafter."""
    left = GapArticleRun.objects.filter(leases.abandoned(timezone.now()))
    for run in left.filter(topic=topic) if topic is not None else left:
        leases.take_over(run, state=State.FAILED, finished_at=timezone.now(), error=INTERRUPTED)


def stop(run: GapArticleRun) -> bool:
    return leases.stop(run, State.STOPPED)


def requeue(run: GapArticleRun) -> None:
    """The drafter stops, so the next one writes it from scratch."""
    leases.requeue(run, text="")


async def run(run_id: int, model: Model) -> None:
    """Like writing.run: with its own database thread."""
    async with ThreadSensitiveContext():
        try:
            await write(run_id, model)
        finally:
            await sync_to_async(connections.close_all)()


async def write(run_id: int, model: Model) -> None:
    """Write one queued run to its end; a second call finds nothing to claim."""
    run = await leases.claimed(lambda: _claim(run_id), requeue)
    if run is None:
        return
    try:
        async with leases.holding(run):
            found = await sync_to_async(gap_articles.sources)(run.topic)
            call = await _stream(run, found, model) if found else None
        await sync_to_async(_finish)(run, found, call)
    except LeaseLost:
        log.info("article stopped: run=%s", run.pk)
    except ModelError as error:
        log.warning("article failed: run=%s code=%s", run.pk, error.code)
        await sync_to_async(leases.end)(run, State.FAILED, error=error.message[:300])
    except asyncio.CancelledError:
        await leases.run_shielded(lambda: requeue(run))
        raise


def _claim(run_id: int) -> GapArticleRun | None:
    if not leases.claim(GapArticleRun.objects.all(), run_id, text="", error=""):
        return None
    return GapArticleRun.objects.select_related("topic", "requested_by").get(pk=run_id)


def _model_request(run: GapArticleRun, found: list[Source]) -> ModelRequest:
    prompt, topic = prompts.load(PROMPT), run.topic
    answers = [source.text for source in found]
    messages = prompt.messages(
        "article", gap_articles.language(topic), questions=gap_articles.questions(topic), answers=answers
    )
    return ModelRequest(Purpose.GAP_ARTICLE, prompt.version, messages, article_run=run)


async def _stream(run: GapArticleRun, found: list[Source], model: Model) -> Call:
    call = Call(await sync_to_async(_model_request)(run, found))
    saved = time.monotonic()
    async with aclosing(calls.stream(call, model, SAMPLING, "background")) as pieces:
        async for _ in pieces:
            if time.monotonic() - saved >= SAVE_EVERY:
                await sync_to_async(leases.renew)(run, text=call.output)
                saved = time.monotonic()
    return call


def _finish(run: GapArticleRun, found: list[Source], call: Call | None) -> None:
    """Save the text as a draft article of the author who asked, or the reason why there is none."""
    text = call.output if call else ""
    written = article(text, [source.text for source in found], run.topic.name)
    if why := _why_none(text, written, found):
        leases.end(run, State.FAILED, text=text, error=why)
        return
    with transaction.atomic():
        made = _article(run, written, found, call.model if call else "")
        if not leases.end(run, State.READY, text=text, article=made):
            transaction.set_rollback(True)  # stopped at the last moment
            return
        decisions.attach_draft(run.topic, made)


def _why_none(text: str, written: Written, found: list[Source]) -> str:
    if not found:
        return NOT_ANSWERED
    if refuses(text):
        return REFUSED
    return UNSUPPORTED if written.empty else ""


def _article(run: GapArticleRun, written: Written, found: list[Source], model: str) -> Article:
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
    publishing.save_revision(made, author=run.requested_by, note=note, model=model or "unknown", sources=records)
    return made
