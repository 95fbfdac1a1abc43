"""The engine's HTTP API: OpenAI's chat completions, a list of one model, and health."""

import asyncio
import contextlib
import hmac
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from copilot.engine.chat import prompt_tokens
from copilot.engine.errors import BodyTooLarge, ContextTooLong, EngineError, NotJson, WrongKey
from copilot.engine.jobs import Backend, Done, Event, Failed, Job, Text, TokenSampler
from copilot.engine.requests import ChatRequest, parse_chat
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
        Route("/v1/models", models),
        Route("/v1/chat/completions", completions, methods=["POST"]),
    ]
    app = Starlette(routes=routes, exception_handlers={EngineError: refuse}, lifespan=lifespan)
    app.state.engine = engine
    return app


async def refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, EngineError)
    return JSONResponse(error.body(), error.status)


async def health(request: Request) -> Response:
    """Answers at any time, also while the model is being loaded."""
    return JSONResponse(request.app.state.engine.health())


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
    watcher = asyncio.create_task(cancel_when_gone(request, job))
    try:
        return JSONResponse(await answer.whole(until_ended(events)))
    finally:
        watcher.cancel()
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
    longest = backend.size * LONGEST_TOKEN
    if sum(len(message["content"]) for message in chat.messages) > longest:
        raise ContextTooLong(f"The context has {backend.size} tokens; the messages need many more.")
    prompt = prompt_tokens(chat.messages, backend.render, backend.tokenize)
    return prompt, backend.sampler(chat.sampling)


def submit(
    engine: Engine, chat: ChatRequest, prompt: list[int], sampler: TokenSampler, on_event: Callable[[Event], Any]
) -> Job:
    try:
        return engine.submit(
            prompt,
            sampler,
            on_event,
            max_tokens=chat.max_tokens,
            stops=chat.stops,
            priority=chat.priority,
            top_logprobs=chat.top_logprobs,
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


async def cancel_when_gone(request: Request, job: Job) -> None:
    receive: Callable[[], Awaitable[Any]] = request.receive
    while (await receive())["type"] != "http.disconnect":
        pass
    job.cancel()


class Answer:
    """One answer in OpenAI's shapes, whole or as server-sent events.

    `system_fingerprint` is the hash of the model's file, so that records can name what wrote the answer.
    """

    def __init__(self, model: str, sha256: str, chat: ChatRequest) -> None:
        self.chat = chat
        self.head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": model}
        if sha256:
            self.head["system_fingerprint"] = f"sha256:{sha256}"

    async def whole(self, events: AsyncIterator[Event]) -> dict[str, Any]:
        text = ""
        async for event in events:
            if isinstance(event, Text):
                text += event.text
            elif isinstance(event, Failed):
                raise event.error
            else:
                message = {"role": "assistant", "content": text}
                logprobs = self.logprobs(event)
                choice = {"index": 0, "message": message, "finish_reason": event.reason, "logprobs": logprobs}
                return self.head | {"object": "chat.completion", "choices": [choice], "usage": usage(event)}
        raise AssertionError("a job ends with Done or Failed")

    def logprobs(self, done: Done) -> dict[str, Any] | None:
        """Of the single token that was written, and of the likeliest ones."""
        if not done.logprobs:
            return None
        chosen, *likeliest = [
            {"token": text, "logprob": value, "bytes": list(text.encode())} for text, value in done.logprobs
        ]
        return {"content": [chosen | {"top_logprobs": likeliest}]}

    async def lines(self, events: AsyncIterator[Event]) -> AsyncIterator[str]:
        yield self.chunk({"role": "assistant", "content": ""})
        async for event in events:
            if isinstance(event, Text):
                yield self.chunk({"content": event.text})
            elif isinstance(event, Failed):
                yield line(event.error.body())
            else:
                yield self.chunk({}, event.reason)
                if self.chat.include_usage:
                    yield line(self.head | {"object": CHUNK, "choices": [], "usage": usage(event)})
                yield "data: [DONE]\n\n"

    def chunk(self, delta: dict[str, str], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return line(self.head | {"object": CHUNK, "choices": [choice]})


CHUNK = "chat.completion.chunk"


def line(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


def usage(done: Done) -> dict[str, Any]:
    return {
        "prompt_tokens": done.prompt_tokens,
        "completion_tokens": done.completion_tokens,
        "total_tokens": done.prompt_tokens + done.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": done.cached_tokens},
    }
