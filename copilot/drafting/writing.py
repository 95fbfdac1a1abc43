"""Writes a draft: translated question, search, evidence, reply, store.

Interactive drafts run as a task in the web process, background drafts in the drafter; both through `run`.
"""

import asyncio
import logging
import time
from contextlib import aclosing
from typing import Any

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connections
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from copilot import leases
from copilot.drafting import answering, drafter_queue, ending, min_score, reuse, states
from copilot.drafting.answering import Asked
from copilot.drafting.record import Progress, record_stopped
from copilot.drafting.states import SourceWithdrawn
from copilot.evidence import thread
from copilot.leases import LeaseLost
from copilot.llm import Model, ModelError, Priority
from copilot.models import Draft, Route
from copilot.preparation import pipeline, translating
from copilot.preparation.pipeline import StoredSteps
from copilot.redaction import restore
from copilot.redaction.values import masker_of
from tickets import live
from tickets.models import Message

log = logging.getLogger(__name__)

PUBLISH_EVERY = 0.06  # seconds: faster than the eye, slower than the tokens
SAVE_EVERY = 0.5
NOT_ASKED = {"resting", "busy"}  # the model has not read it, so this was no try
MOST_EXTRA = 2  # units more than usual in a draft that is asked for again


async def run(draft_id: int, model: Model, priority: Priority) -> None:
    """Write one queued draft, with its own database thread, whose connections it closes at the end."""
    async with ThreadSensitiveContext():
        try:
            await write(draft_id, model, priority)
        finally:
            await sync_to_async(connections.close_all)()


async def write(draft_id: int, model: Model, priority: Priority) -> None:
    """Write one queued draft to its end. Safe to call twice: the second call finds nothing to claim."""
    for left in reversed(range(states.MAX_ATTEMPTS)):
        draft = await leases.claimed(lambda: states.claim(draft_id), states.requeue)
        if draft is None or not await attempt(draft, model, priority, last=not left):
            return


async def attempt(draft: Draft, model: Model, priority: Priority, last: bool) -> bool:
    """One attempt, from search to the last word. True: a source was withdrawn meanwhile, so write it again."""
    progress: Progress | None = None
    try:
        async with leases.holding(draft):
            translation, failure = await translate(draft, model, priority)
            progress = await sync_to_async(prepare)(draft, translation)
            if not progress.allowed:
                await sync_to_async(ending.by_rule)(progress)
                return False
            if not progress.asked.evidence.units:
                if failure is not None:  # then nothing says that there is no answer
                    raise failure
            elif not await sync_to_async(answer_from_earlier)(progress, model):
                await reply(progress, model, priority)
        await sync_to_async(ending.complete)(progress)
    except SourceWithdrawn:
        assert progress is not None
        return await sync_to_async(ending.begin_again)(progress, last)
    except LeaseLost:
        log.info("draft stopped: draft=%s", draft.pk)
        if progress is not None:
            await sync_to_async(record_stopped)(progress)
    except ModelError as error:
        await sync_to_async(handle_failure)(draft, error, progress, priority)
    except asyncio.CancelledError:
        await leases.run_shielded(lambda: states.requeue(draft))
        raise
    return False


def handle_failure(draft: Draft, error: ModelError, progress: Progress | None, priority: Priority) -> None:
    """A background draft that only paused for agents' requests, or was never sent to the model, is requeued."""
    background = priority == "background"
    paused = error.code == "timeout" and drafter_queue.agents_are_waiting(timezone.now())
    if not background or not (paused or error.code in NOT_ASKED):
        states.give_up(draft, error, progress)
        return
    states.requeue(draft, 0.0 if paused else error.retry_after or 0.0)


def offer(message: Message) -> None:
    """Give the draft that waits for the model what the evidence says by itself, if that is likely to answer.

    So an agent who opens the ticket first does not look at an empty composer. A draft that the rules do not allow ends
    here; where the agent is to see what the articles say, it gets that.
    """
    policy = Q(state=Draft.State.BY_RULE, message__route__may=Route.May.POLICY)
    policy &= ~Q(record__answers_from=F("message__prepared__answers_from")) | Q(record=None)
    waits = message.drafts.visible().filter(Q(state=Draft.State.QUEUED, text="") | policy)
    draft = waits.select_related("ticket__customer").first()
    if draft is None:
        return
    draft.message = message
    progress = prepare(draft)
    if not progress.allowed:
        ending.by_rule(progress)
    elif progress.asked.evidence.speaks_alone:
        progress.take(answering.in_own_words(progress.asked, [None for _ in progress.asked.questions]))
        states.offer(progress)


async def translate(draft: Draft, model: Model, priority: Priority) -> tuple[StoredSteps, ModelError | None]:
    """Have the question translated for the search, where it needs that and nobody has done it; or why it was not."""
    draft.message.ticket = draft.ticket
    given = await sync_to_async(pipeline.to_translate)(draft.message)
    if given is None:
        return pipeline.NOTHING, None
    began = time.monotonic()
    try:
        made = await translating.ask(given, model, priority, draft)
    except ModelError as error:
        return pipeline.NOTHING, error
    return pipeline.with_translation(given, made, time.monotonic() - began), None


def prepare(draft: Draft, translation: StoredSteps = pipeline.NOTHING) -> Progress:
    """Start from the message's preparation."""
    began = time.monotonic()
    draft.message.ticket = draft.ticket
    prepared = pipeline.prepare(draft.message, translation)
    question, again = prepared.question(masker_of(draft.ticket)), _asked_again(draft)
    evidence = prepared.evidence.with_sent() if again.get("insisted") else prepared.evidence
    may = prepared.routed.may
    asked = Asked(
        question.text,
        question.language,
        evidence,
        known=frozenset(question.masker.values),
        least=min_score.of_writer().value,
        calibration=min_score.calibration(),
        own_words=may == Route.May.OWN_WORDS,
        guided=may == Route.May.NEXT_STEP,
        before=thread.masked_before(draft.message, masker_of(draft.ticket)) if evidence.sent else "",
        **again,
    )
    took = round((time.monotonic() - began) * 1000)
    said = prepared.translated.translation
    return Progress(draft, question, asked, prepared.answers_from, said, may, retrieval_ms=took)


def _asked_again(draft: Draft) -> dict[str, Any]:
    """An agent wants more than there is. A renewal is made like the draft that it replaces."""
    if draft.origin != Draft.Origin.REQUEST:
        return {}
    earlier = _earlier(draft)
    ready, refused = (earlier.filter(state=state) for state in (Draft.State.READY, Draft.State.NO_SOURCE))
    said = ready.exclude(origin=Draft.Origin.RENEWAL).count() or int(ready.exists())
    return {"insisted": refused.exists(), "extra": min(MOST_EXTRA, said)}


def _earlier(draft: Draft) -> QuerySet[Draft]:
    return draft.ticket.drafts.filter(message=draft.message).exclude(pk=draft.pk)


def answer_from_earlier(progress: Progress, model: Model) -> bool:
    """Take the reply from a draft that was asked the same, unless an agent wants another one than there is."""
    draft = progress.draft
    progress.answer_key = reuse.answer_key(progress.asked, progress.answers_from, model)
    if draft.origin == Draft.Origin.REQUEST and _earlier(draft).exists():
        return False
    progress.reused = reuse.find(progress.answer_key)
    if progress.reused is not None:
        progress.take(progress.reused.reply)
    return progress.reused is not None


async def reply(progress: Progress, model: Model, priority: Priority) -> None:
    """Take ever better replies, publish them as they come, save now and then."""
    last_published = last_saved = 0.0
    async with aclosing(answering.replies(progress.asked, model, priority, progress.draft)) as replies:
        async for better in replies:
            before, now = progress.reply, time.monotonic()
            progress.take(better)
            grows = before is not None and bool(before.text) and better.text.startswith(before.text)
            if grows and now - last_published < PUBLISH_EVERY:
                continue
            if not grows or now - last_saved >= SAVE_EVERY:
                await sync_to_async(states.save_partial)(progress)
                last_saved = now
            if not progress.draft.hidden:
                await publish(progress, replaced=not grows)
            last_published = now


async def publish(progress: Progress, replaced: bool) -> None:
    """Send the new text with its offset in the restored text, so that a browser can resume anywhere.

    If the text is another one, the browser gets it from the server.
    """
    draft, group = progress.draft, live.ticket_group(progress.draft.ticket_id)
    if replaced:
        progress.published = len(progress.text)
        await live.asend(group, {"type": "draft.changed", "draft": draft.pk, "state": draft.state})
        return
    values = progress.question.masker.values
    before, now = restore(progress.text[: progress.published], values), restore(progress.text, values)
    event = {"type": "draft.delta", "draft": draft.pk, "at": len(before), "text": now[len(before) :]}
    progress.published = len(progress.text)
    await live.asend(group, event)
