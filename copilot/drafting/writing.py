"""Writes a draft: search, answerability check, stream, store.

Interactive drafts run as a task in the web process, background drafts in the drafter; both through `run`.
"""

import asyncio
import logging
import time
from contextlib import aclosing

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.db import connections
from django.utils import timezone

from copilot import calls, leases
from copilot.drafting import asking, drafter_queue, min_score, states
from copilot.drafting.citations import CitationFilter
from copilot.drafting.record import Progress, elapsed_ms, long_enough, record, store_citations, whole_sentences
from copilot.drafting.states import SourceWithdrawn
from copilot.evidence.question import Question
from copilot.leases import LeaseLost
from copilot.llm import Model, ModelError, Piece, Priority, Sampling
from copilot.models import Draft
from copilot.preparation import pipeline
from copilot.redaction import PLACEHOLDER, restore
from copilot.redaction.values import masker_of
from tickets import live

log = logging.getLogger(__name__)

PUBLISH_EVERY = 0.06  # seconds: faster than the eye, slower than the tokens
SAVE_EVERY = 0.5


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
        draft = await sync_to_async(states.claim)(draft_id)
        if draft is None or not await attempt(draft, model, priority, last=not left):
            return


async def attempt(draft: Draft, model: Model, priority: Priority, last: bool) -> bool:
    """One attempt, from search to the last word. True: a source was withdrawn meanwhile, so write it again."""
    progress: Progress | None = None
    try:
        async with leases.holding(draft):
            progress = await sync_to_async(prepare)(draft)
            if progress is not None and await answerable(progress, model, priority):
                await stream(progress, model, priority)
        if progress is not None:
            await sync_to_async(states.complete)(progress)
    except SourceWithdrawn:
        assert progress is not None
        return await sync_to_async(states.begin_again)(progress, last)
    except LeaseLost:
        log.info("draft stopped: draft=%s", draft.pk)
        if progress is not None:
            await sync_to_async(record)(progress)
    except ModelError as error:
        await sync_to_async(handle_failure)(draft, error, progress, priority)
    except asyncio.CancelledError:
        await leases.run_shielded(lambda: states.requeue(draft))
        raise
    return False


def handle_failure(draft: Draft, error: ModelError, progress: Progress | None, priority: Priority) -> None:
    """A background draft that only paused for agents' requests, or was never sent to the model, is requeued."""
    background = priority == "background"
    if background and error.code == "timeout" and drafter_queue.agents_are_waiting(timezone.now()):
        states.requeue(draft)
    elif background and error.code == "resting":
        states.requeue(draft, error.retry_after or 0.0)
    else:
        states.give_up(draft, error, progress)


def prepare(draft: Draft) -> Progress | None:
    """Start from the message's preparation; None if nothing was found to write from."""
    began = time.monotonic()
    draft.message.ticket = draft.ticket
    prepared = pipeline.prepare(draft.message)
    question, grounding = prepared.question(masker_of(draft.ticket)), prepared.grounding
    retrieval_ms = round((time.monotonic() - began) * 1000)
    earlier = draft.ticket.drafts.filter(message=draft.message).exclude(pk=draft.pk)
    again = earlier.count()
    # The first draft is the most likely text; regenerated ones may differ.
    sampling = Sampling(temperature=0.3 if again else 0.1, seed=again + 1)
    progress = Progress(draft, question, grounding, sampling, retrieval_ms=retrieval_ms)
    refused = earlier.filter(state=Draft.State.NO_SOURCE)
    progress.insisted = draft.origin == Draft.Origin.REQUEST and refused.exists()
    store_citations(draft, grounding)
    if not grounding.passages:
        states.no_source(progress)
        return None
    return progress


async def answerable(progress: Progress, model: Model, priority: Priority) -> bool:
    """The answerability check: below the minimum score nothing is written."""
    wanted = min_score.of_writer().value
    if progress.insisted or not wanted:
        return True
    excerpts, message = progress.grounding.excerpts, progress.question.text
    progress.answerable = await asking.answerable(excerpts, message, model, priority, progress.draft)
    return progress.answerable is None or progress.answerable >= wanted


def placeholders_of(question: Question) -> frozenset[str]:
    """Those that the model can know: the customer's own, and those in the message that it answers."""
    own = {name for name in question.masker.values if not name[-1].isdigit()}
    return frozenset(own | {found[1] for found in PLACEHOLDER.finditer(question.text)})


async def stream(progress: Progress, model: Model, priority: Priority) -> None:
    """Take pieces from the model, publish them as they come, save now and then."""
    question, excerpts = progress.question, progress.grounding.excerpts
    filtered = CitationFilter(frozenset(range(1, len(excerpts) + 1)), placeholders_of(question))
    call = progress.call = asking.reply(progress.draft, excerpts, question.text, question.language)
    published = 0
    last_published = last_saved = 0.0
    async with aclosing(calls.stream(call, model, progress.sampling, priority)) as pieces:
        async for piece in pieces:
            now = time.monotonic()
            take(progress, piece, filtered)
            if asking.refuses(call.output):
                continue
            if long_enough(progress.text):
                call.finish_reason = "long_enough"
                break
            if len(progress.text) > published and now - last_published >= PUBLISH_EVERY:
                await publish(progress, published)
                published, last_published = len(progress.text), now
            if now - last_saved >= SAVE_EVERY:
                await sync_to_async(states.save_partial)(progress)
                last_saved = now
    progress.text = (progress.text + filtered.finish()).strip()
    if call.finish_reason == "length":
        progress.text = whole_sentences(progress.text)
    progress.dropped = filtered.dropped


def take(progress: Progress, piece: Piece, filtered: CitationFilter) -> None:
    if piece.text and progress.first_token_ms is None:
        progress.first_token_ms = elapsed_ms(progress)
    progress.text += filtered.feed(piece.text)
    if not progress.text.strip():
        progress.text = ""


async def publish(progress: Progress, at: int) -> None:
    """Send the new text with its offset in the restored text, so that a browser can resume anywhere."""
    values = progress.question.masker.values
    before, now = restore(progress.text[:at], values), restore(progress.text, values)
    event = {"type": "draft.delta", "draft": progress.draft.pk, "at": len(before), "text": now[len(before) :]}
    await live.asend(live.ticket_group(progress.draft.ticket_id), event)
