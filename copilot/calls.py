"""Every model call goes through here and leaves one row (`ModelCall`), even when it fails or is stopped.

call = Call(ModelRequest(Purpose.DRAFT, prompt.version, messages, draft=draft))
async with aclosing(calls.stream(call, model, sampling, priority)) as pieces: ...
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from copilot.llm import FIRST_TOKEN, ChatMessage, FirstToken, Model, ModelError, Piece, Priority, Sampling, Usage
from copilot.llm.answers import shares
from copilot.models import Draft, GapArticleRun, ModelCall, RevisedText, ThreadSummary

log = logging.getLogger(__name__)

T = TypeVar("T")

Purpose = ModelCall.Purpose
YES_OR_NO = ("Yes", "No")
STOPPED = "stopped"  # we ended it: the answer is no longer wanted, or the process stops


@dataclass(frozen=True)
class ModelRequest:
    """What is sent to a model, and for what purpose."""

    purpose: Purpose
    prompt_version: str
    messages: list[ChatMessage]
    draft: Draft | None = None
    article_run: GapArticleRun | None = None
    revised: RevisedText | None = None
    summary: ThreadSummary | None = None
    recorded: bool = True  # False for measurements, which are not the desk's data


@dataclass
class Call:
    """A model call in progress: what has come back so far."""

    request: ModelRequest
    settings: dict[str, Any] = field(default_factory=dict)
    model: str = ""
    sha256: str = ""
    output: str = ""
    yes: float | None = None  # the probability, where the question is answered with yes or no
    logprobs: tuple[tuple[str, float], ...] = ()
    usage: Usage = field(default_factory=Usage)
    finish_reason: str = ""
    error: str = ""
    at: datetime = field(default_factory=timezone.now)
    began: float = field(default_factory=time.monotonic)
    first_token_ms: int | None = None

    @property
    def elapsed_ms(self) -> int:
        return round((time.monotonic() - self.began) * 1000)

    def take(self, piece: Piece) -> None:
        if piece.text and self.first_token_ms is None:
            self.first_token_ms = self.elapsed_ms
        self.output += piece.text
        self.finish_reason = piece.finish_reason or self.finish_reason
        self.model, self.sha256 = piece.model or self.model, piece.sha256 or self.sha256
        if piece.usage.prompt_tokens is not None:
            self.usage = piece.usage

    def answered(self, answer: FirstToken, words: Sequence[str]) -> None:
        """A question, with one of the words for an answer."""
        self.first_token_ms, self.logprobs = self.elapsed_ms, answer.logprobs
        self.yes = answer.yes if words == YES_OR_NO else None
        self.take(Piece(answer.text, answer.finish_reason, answer.usage, answer.model, answer.sha256))


async def stream(call: Call, model: Model, sampling: Sampling, priority: Priority) -> AsyncGenerator[Piece]:
    """The pieces of the answer. To end early, set `call.finish_reason` to the reason and close the generator."""
    source = model.stream(call.request.messages, sampling, priority)
    async with _recorded(call, model, sampling.as_sent), aclosing(source) as pieces:
        async for piece in pieces:
            call.take(piece)
            yield piece


async def yes_or_no(request: ModelRequest, model: Model, priority: Priority) -> float | None:
    """The probability of "yes", 0 to 1 (llm.answers.share_of_yes); None if the server gives no logprobs."""
    return (await yes_or_nos([request], model, priority))[0]


async def yes_or_nos(requests: Iterable[ModelRequest], model: Model, priority: Priority) -> list[float | None]:
    """Of several questions at the same time. If one fails, its error is raised."""
    return [call.yes for call in await _ask(requests, model, priority, YES_OR_NO)]


async def choice(
    request: ModelRequest, model: Model, priority: Priority, words: Sequence[str]
) -> tuple[float, ...] | None:
    """The probability of each word as the answer, 0 to 1; None if the server gives no logprobs or says other words."""
    return (await choices([request], model, priority, words))[0]


async def choices(
    requests: Iterable[ModelRequest], model: Model, priority: Priority, words: Sequence[str]
) -> list[tuple[float, ...] | None]:
    """Of several questions at the same time. If one fails, its error is raised."""
    return [shares(call.logprobs, words) for call in await _ask(requests, model, priority, words)]


async def together(asked: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Several calls at the same time. If one fails, the others are stopped and its error is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(each) for each in asked]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def _ask(requests: Iterable[ModelRequest], model: Model, priority: Priority, words: Sequence[str]) -> list[Call]:
    """One row for each question, whether the server answers all of them in one request or each in its own."""
    requests = list(requests)
    made = [Call(request) for request in requests]
    if made and await model.answers_many():
        try:
            await _ask_in_one(made, model, priority, words)
            return made
        except ModelError:
            if await model.answers_many():
                raise
        made = [Call(request) for request in requests]  # a server that cannot took the place of one that could
    await together(_ask_alone(call, model, priority, words) for call in made)
    return made


async def _ask_in_one(made: Sequence[Call], model: Model, priority: Priority, words: Sequence[str]) -> None:
    async with AsyncExitStack() as rows:
        for call in made:
            await rows.enter_async_context(_recorded(call, model, {"words": list(words)}))
        answers = await model.first_tokens([call.request.messages for call in made], words, priority)
        for call, answer in zip(made, answers, strict=True):
            call.answered(answer, words)


async def _ask_alone(call: Call, model: Model, priority: Priority, words: Sequence[str]) -> None:
    async with _recorded(call, model, FIRST_TOKEN):
        call.answered(await model.first_token(call.request.messages, priority), words)


@asynccontextmanager
async def _recorded(call: Call, model: Model, settings: dict[str, Any]) -> AsyncIterator[None]:
    call.settings, call.model, call.sha256 = settings, model.name, model.sha256
    call.at, call.began = timezone.now(), time.monotonic()
    try:
        yield
    except ModelError as error:
        call.error = error.code
        raise
    except (asyncio.CancelledError, GeneratorExit):
        call.finish_reason = call.finish_reason or STOPPED
        raise
    finally:
        if call.request.recorded:
            await asyncio.shield(sync_to_async(_write)(call))


def _write(call: Call) -> None:
    request = call.request
    row = ModelCall(
        purpose=request.purpose,
        draft=request.draft,
        article_run=request.article_run,
        revised=request.revised,
        summary=request.summary,
        prompt_version=request.prompt_version,
        messages=request.messages,
        settings=call.settings,
        model=call.model[:120],
        model_sha256=call.sha256,
        output=call.output,
        probability=call.yes,
        logprobs=call.logprobs,
        first_token_ms=call.first_token_ms,
        total_ms=call.elapsed_ms,
        finish_reason=call.finish_reason,
        error=call.error,
        created_at=call.at,
        **asdict(call.usage),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # erased while the model was answering
        log.info("call not kept, what it was made for is gone: purpose=%s", request.purpose)
    except DatabaseError as error:  # better to lose the record than the answer
        log.error("call not kept: purpose=%s error=%s", request.purpose, type(error).__name__)
