"""Writes a draft: find grounds, stream, keep.

Interactive drafts run as a task in the web process, background drafts in the drafter; both run `run`.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import aclosing
from typing import TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.db import OperationalError, connections
from django.utils import timezone

from copilot import prompts
from copilot.drafting import drafter_queue, states
from copilot.drafting.citations import CitationFilter
from copilot.drafting.record import PROMPT, Progress, long_enough, record, refuses, store_citations, whole_sentences
from copilot.drafting.states import NotOurs, SourceWithdrawn
from copilot.llm import Model, ModelError, Piece, Priority, Sampling
from copilot.models import Draft
from copilot.preparation import pipeline
from copilot.redaction import restore
from copilot.redaction.values import masker_of
from tickets import live

log = logging.getLogger(__name__)
T = TypeVar("T")

HEARTBEAT = 3.0  # seconds without a token after which the lease is renewed all the same
PUBLISH_EVERY = 0.06  # seconds: faster than the eye, slower than the tokens
SAVE_EVERY = 0.5


async def run(draft_id: int, model: Model, priority: Priority) -> None:
    """Write one queued draft, in a thread of its own for the database, which it gives back at the end."""
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
    """From the search to the last word. True: a source was withdrawn meanwhile, so it is to be written again."""
    progress: Progress | None = None
    try:
        progress = await holding(draft, sync_to_async(prepare)(draft))
        if progress is not None and await answerable(progress, model, priority):
            await stream(progress, model, priority)
            await sync_to_async(states.keep)(progress)
    except SourceWithdrawn:
        assert progress is not None
        return await sync_to_async(states.begin_again)(progress, last)
    except NotOurs:
        log.info("draft stopped: draft=%s", draft.pk)
        if progress is not None:
            await sync_to_async(record)(progress)
    except ModelError as error:
        await sync_to_async(failed)(draft, error, progress, priority)
    except asyncio.CancelledError:
        await asyncio.shield(sync_to_async(states.hand_back, thread_sensitive=False)(draft))
        raise
    return False


def failed(draft: Draft, error: ModelError, progress: Progress | None, priority: Priority) -> None:
    """A background draft that stood still because people were asking, or that nobody was asked for, waits again."""
    background = priority == "background"
    if background and error.code == "timeout" and drafter_queue.people_ask(timezone.now()):
        states.hand_back(draft)
    elif background and error.code == "resting":
        states.hand_back(draft, error.retry_after or 0.0)
    else:
        states.give_up(draft, error, progress)


async def holding(draft: Draft, work: Awaitable[T]) -> T:
    """What `work` returns. While it lasts the lease is renewed: a search may take long on a busy machine."""
    doing = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({doing}, timeout=HEARTBEAT))[0]:
            await sync_to_async(_renew, thread_sensitive=False)(draft)
        return doing.result()
    finally:
        doing.cancel()


def _renew(draft: Draft) -> None:
    """A database that is busy for a while must not end what is being written: the next time will do."""
    try:
        states.renew(draft)
    except OperationalError:
        log.info("lease not renewed, the database is busy: draft=%s", draft.pk)
    finally:
        connections.close_all()


def prepare(draft: Draft) -> Progress | None:
    """From the message's preparation, build the prompt; None if there is nothing to rest a draft on."""
    began = time.monotonic()
    draft.message.ticket = draft.ticket
    prepared = pipeline.prepare(draft.message)
    question, grounds = prepared.question(masker_of(draft.ticket)), prepared.grounds
    retrieval_ms = round((time.monotonic() - began) * 1000)
    prompt = prompts.load(PROMPT)
    earlier = draft.ticket.drafts.filter(message=draft.message).exclude(pk=draft.pk)
    again = earlier.count()
    # The first try is the most likely text; each further one may differ.
    sampling = Sampling(temperature=0.3 if again else 0.1, seed=again + 1)
    messages = prompt.messages(grounds.excerpts, question.text, question.language)
    progress = Progress(draft, question, grounds, messages, sampling, retrieval_ms=retrieval_ms)
    refused = earlier.filter(state=Draft.State.NO_SOURCE)
    progress.insisted = draft.origin == Draft.Origin.REQUEST and refused.exists()
    store_citations(draft, grounds)
    if not grounds.passages:
        states.no_source(progress)
        return None
    return progress


async def answerable(progress: Progress, model: Model, priority: Priority) -> bool:
    """Ask the model first whether the excerpts answer; if they hardly do, the draft ends as an honest none."""
    if progress.insisted or not settings.DRAFT_LEAST_ANSWERABLE:
        return True
    question = prompts.load(PROMPT).checking(progress.grounds.excerpts, progress.question.text)
    asking = asyncio.ensure_future(model.yes_or_no(question, priority))
    try:
        while not (await asyncio.wait({asking}, timeout=HEARTBEAT))[0]:
            await sync_to_async(states.save_partial)(progress)
        progress.answerable = asking.result()
    finally:
        asking.cancel()
    if progress.answerable is None or progress.answerable >= settings.DRAFT_LEAST_ANSWERABLE:
        return True
    await sync_to_async(states.no_source)(progress)
    return False


async def stream(progress: Progress, model: Model, priority: Priority) -> None:
    """Take pieces from the model, publish them as they come, save now and then."""
    numbers = frozenset(range(1, len(progress.grounds.passages) + 1))
    filtered = CitationFilter(numbers, frozenset(progress.question.masker.values))
    source = model.stream(progress.messages, progress.sampling, priority)
    published = 0
    last_published = last_saved = 0.0
    async with aclosing(with_heartbeat(source, HEARTBEAT)) as pieces:
        async for piece in pieces:
            now = time.monotonic()
            if piece is not None:
                take(progress, piece, filtered)
            if refuses(progress.raw):
                continue
            if long_enough(progress.text):
                progress.finish_reason = "long_enough"
                break
            if len(progress.text) > published and now - last_published >= PUBLISH_EVERY:
                await publish(progress, published)
                published, last_published = len(progress.text), now
            if piece is None or now - last_saved >= SAVE_EVERY:
                await sync_to_async(states.save_partial)(progress)
                last_saved = now
    progress.text = (progress.text + filtered.finish()).strip()
    if progress.finish_reason == "length":
        progress.text = whole_sentences(progress.text)
    progress.dropped = filtered.dropped


def take(progress: Progress, piece: Piece, filtered: CitationFilter) -> None:
    if piece.text and progress.first_token_ms is None:
        progress.first_token_ms = round((time.monotonic() - progress.started) * 1000) + progress.retrieval_ms
    progress.raw += piece.text
    progress.text += filtered.feed(piece.text)
    if not progress.text.strip():
        progress.text = ""
    progress.finish_reason = piece.finish_reason or progress.finish_reason
    progress.model = piece.model or progress.model
    if piece.usage.prompt_tokens is not None:
        progress.usage = piece.usage


async def with_heartbeat(source: AsyncIterator[Piece], seconds: float) -> AsyncGenerator[Piece | None]:
    """The source's pieces, with None whenever nothing came for `seconds`. Closing it closes the source."""
    iterator = source.__aiter__()
    pending: asyncio.Task[Piece] | None = None
    try:
        while True:
            if pending is None:
                pending = asyncio.ensure_future(iterator.__anext__())  # type: ignore[arg-type]
            done, _ = await asyncio.wait({pending}, timeout=seconds)
            if not done:
                yield None
                continue
            task, pending = pending, None
            try:
                yield task.result()
            except StopAsyncIteration:
                return
    finally:
        if pending is not None:
            pending.cancel()
            await asyncio.gather(pending, return_exceptions=True)
        await source.aclose()  # type: ignore[attr-defined]


async def publish(progress: Progress, at: int) -> None:
    """Send the new text with its offset in the restored text, so that a browser can resume anywhere."""
    values = progress.question.masker.values
    before, now = restore(progress.text[:at], values), restore(progress.text, values)
    event = {"type": "draft.delta", "draft": progress.draft.pk, "at": len(before), "text": now[len(before) :]}
    await live.asend(live.ticket_group(progress.draft.ticket_id), event)
