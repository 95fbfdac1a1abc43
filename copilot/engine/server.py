"""The engine's HTTP API: OpenAI's chat completions and list of models; first tokens of many chats, health, metrics."""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from copilot.engine.answers import Answer
from copilot.engine.answers import first_tokens as answers_of
from copilot.engine.chat import prompt_tokens
from copilot.engine.errors import BodyTooLarge, ContextTooLong, EngineError, NotJson, Overloaded, Stopping, WrongKey
from copilot.engine.jobs import Answered, Backend, Event, Failed, Job, Text, TokenSampler
from copilot.engine.requests import ChatRequest, FirstTokensRequest, parse_chat, parse_first_tokens
from copilot.engine.runner import Engine

MAX_BODY = 4 * 1024 * 1024
LONGEST_TOKEN = 64  # bytes; no text longer than this times the context can fit


def build_app(engine: Engine) -> Starlette:
    """The first request starts `engine` if it is not running; it stops with the app."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await asyncio.to_thread(engine.stop)

    routes = [
        Route("/health", health),
        Route("/metrics", metrics),
        Route("/v1/models", models),
        Route("/v1/first_tokens", first_tokens, methods=["POST"]),
        Route("/v1/chat/completions", completions, methods=["POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers={EngineError: refuse}, lifespan=lifespan)
    app.state.engine = engine
    return app


async def refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, EngineError)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, Overloaded) else None
    return JSONResponse(error.body(), error.status, headers)


async def health(request: Request) -> Response:
    """Answers at any time, also while the model is being loaded."""
    return JSONResponse(request.app.state.engine.health())


async def metrics(request: Request) -> Response:
    engine: Engine = request.app.state.engine
    return PlainTextResponse(engine.metrics.text(engine.busy, engine.queued), media_type="text/plain; version=0.0.4")


async def models(request: Request) -> Response:
    check_key(request)
    name = request.app.state.engine.settings.model_name
    model = {"id": name, "object": "model", "created": 0, "owned_by": "copydesk"}
    return JSONResponse({"object": "list", "data": [model]})


async def completions(request: Request) -> Response:
    check_key(request)
    chat = parse_chat(await read_body(request), request.headers.get("x-priority", ""))
    engine: Engine = request.app.state.engine
    backend = await asyncio.wrap_future(engine.start())
    prompt, sampler = await asyncio.to_thread(prepare, backend, chat)
    events: asyncio.Queue[Event] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def forward(event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the server is gone
            loop.call_soon_threadsafe(events.put_nowait, event)

    job = submit(engine, chat, prompt, sampler, forward)
    answer = Answer(engine.settings.model_name, engine.sha256, chat)
    if chat.stream:
        return AnswerStream(job, answer.lines(until_ended(events)))
    async with given_up_with(request, [job]):
        return JSONResponse(await answer.whole(until_ended(events)))


async def first_tokens(request: Request) -> Response:
    """Which of the words each of several chats would be answered with. What they share is read once."""
    check_key(request)
    asked = parse_first_tokens(await read_body(request), request.headers.get("x-priority", ""))
    engine: Engine = request.app.state.engine
    backend = await asyncio.wrap_future(engine.start())
    prompts, words = await asyncio.to_thread(prepare_questions, backend, asked)
    loop = asyncio.get_running_loop()
    answers: list[asyncio.Future[Event]] = [loop.create_future() for _ in prompts]

    def forward(at: int, event: Event) -> None:
        with contextlib.suppress(RuntimeError):  # the server is gone
            loop.call_soon_threadsafe(settle, answers[at], event)

    jobs = engine.ask(prompts, words, forward, priority=asked.priority, timeout=asked.timeout)
    async with given_up_with(request, jobs):
        answered = [answer_of(await answer) for answer in answers]
    return JSONResponse(answers_of(engine.settings.model_name, engine.sha256, asked.words, answered))


def settle(answer: "asyncio.Future[Event]", event: Event) -> None:
    if not answer.done():  # given up meanwhile
        answer.set_result(event)


def answer_of(event: Event) -> Answered:
    if isinstance(event, Failed):
        raise event.error
    if not isinstance(event, Answered):
        raise Stopping("The request was given up.")
    return event


@contextlib.asynccontextmanager
async def given_up_with(request: Request, jobs: Sequence[Job]) -> AsyncIterator[None]:
    """Cancels the jobs when the client goes away, or when one of them fails."""
    watcher = asyncio.create_task(cancel_when_gone(request, jobs))
    try:
        yield
    finally:
        watcher.cancel()
        for job in jobs:
            job.cancel()


class AnswerStream(StreamingResponse):
    """Server-sent events. The job is cancelled when the client disconnects, even before the first event."""

    def __init__(self, job: Job, lines: AsyncIterator[str]) -> None:
        super().__init__(lines, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        self.job = job

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self.job.cancel()


def check_key(request: Request) -> None:
    key = request.app.state.engine.settings.api_key
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if key and not hmac.compare_digest(given.encode(), key.encode()):
        raise WrongKey("The API key is missing or wrong.")


async def read_body(request: Request) -> bytes:
    """JSON only, so that no web page can post here from a browser; and no more than the model could read."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise NotJson("Content-Type must be application/json.")
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MAX_BODY:
            raise BodyTooLarge(f"The request is larger than {MAX_BODY} bytes.")
    return bytes(body)


def prepare(backend: Backend, chat: ChatRequest) -> tuple[list[int], TokenSampler]:
    """Runs in a worker thread: a long conversation takes a while to be cut into tokens."""
    prompt = tokens_of(backend, chat.messages)
    return prompt, backend.sampler(chat.sampling)


def prepare_questions(backend: Backend, asked: FirstTokensRequest) -> tuple[list[list[int]], list[list[int]]]:
    """Also in a worker thread. The prompts, and the spellings of each word."""
    prompts = [tokens_of(backend, chat) for chat in asked.chats]
    return prompts, [backend.spellings(word) for word in asked.words]


def tokens_of(backend: Backend, messages: Sequence[dict[str, str]]) -> list[int]:
    if sum(len(message["content"]) for message in messages) > backend.size * LONGEST_TOKEN:
        raise ContextTooLong(f"The context has {backend.size} tokens; the messages need many more.")
    return prompt_tokens(messages, backend.render, backend.tokenize)


def submit(
    engine: Engine, chat: ChatRequest, prompt: list[int], sampler: TokenSampler, on_event: Callable[[Event], Any]
) -> Job:
    try:
        return engine.write(
            prompt,
            sampler,
            on_event,
            max_tokens=chat.max_tokens,
            stops=chat.stops,
            priority=chat.priority,
            top_logprobs=chat.top_logprobs,
            timeout=chat.timeout,
        )
    except EngineError:
        sampler.close()
        raise


async def until_ended(events: "asyncio.Queue[Event]") -> AsyncIterator[Event]:
    """The events of a job up to its last."""
    while True:
        event = await events.get()
        yield event
        if not isinstance(event, Text):
            return


async def cancel_when_gone(request: Request, jobs: Sequence[Job]) -> None:
    receive: Callable[[], Awaitable[Any]] = request.receive
    while (await receive())["type"] != "http.disconnect":
        pass
    for job in jobs:
        job.cancel()
