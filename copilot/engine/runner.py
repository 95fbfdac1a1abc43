"""The decode thread: takes jobs, asks the scheduler what to decode, runs the model, sends text to the jobs.

The thread owns the model. Others talk to it through `submit`, `Job.cancel` and the callback of a job,
which is called in the decode thread and must not block.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any

from copilot.engine.batching import Scheduler, Work
from copilot.engine.batching import Sequence as Writing
from copilot.engine.errors import ContextTooLong, DecodeFailed, EngineError, LoadFailed, NoModel, Overloaded, Stopping
from copilot.engine.jobs import Backend, Event, Failed, Job, Text, TokenSampler
from copilot.engine.requests import DEFAULT_MAX_TOKENS, Priority
from copilot.engine.settings import EngineSettings
from copilot.engine.tokens import TextStream

log = logging.getLogger(__name__)


@dataclass
class Speed:
    """Tokens written per second, all sequences together, over the last few dozen steps."""

    rate: float = 0.0

    def step(self, tokens: int, seconds: float) -> None:
        now = tokens / max(seconds, 1e-6)
        self.rate = now if not self.rate else 0.95 * self.rate + 0.05 * now


@dataclass
class Engine:
    """Loads the model when it is first needed and then decodes until it is stopped."""

    settings: EngineSettings
    load: Callable[[EngineSettings], Backend]
    status: str = "idle"  # idle, loading, ok, no_model, error
    sha256: str = ""
    backend: Backend | None = None
    speed: Speed = field(default_factory=Speed)

    def __post_init__(self) -> None:
        self.sha256 = self.settings.sha256
        self._inbox: SimpleQueue[Job | None] = SimpleQueue()
        self._jobs: dict[Writing, Job] = {}
        self._ready: Future[Backend] | None = None
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()
        self._stopping = False
        self.scheduler = Scheduler(self.settings.context, self.settings.slots)

    # --- called from any thread ---

    def start(self) -> Future[Backend]:
        """Start loading, once. The future gets the model or the error; after an error another call tries again."""
        with self._guard:
            failed = self._ready is not None and self._ready.done() and self._ready.exception() is not None
            if self._ready is None or failed:
                self.status, self._ready = "loading", Future()
                self._ready.set_running_or_notify_cancel()  # a caller that goes away must not cancel the load
                self._thread = threading.Thread(target=self._run, args=(self._ready,), name="decode", daemon=True)
                self._thread.start()
            return self._ready

    def submit(
        self,
        prompt: list[int],
        sampler: TokenSampler,
        on_event: Callable[[Event], Any],
        *,
        max_tokens: int | None = None,
        stops: Sequence[str] = (),
        priority: Priority = "interactive",
        top_logprobs: int | None = None,
    ) -> Job:
        """Queue a job. Raises ContextTooLong if it can never fit, Overloaded if too many are waiting."""
        assert self.backend is not None, "await start() first"
        allowed = token_allowance(len(prompt), max_tokens, min(self.backend.size, self.backend.longest))
        if len(self._jobs) >= self.settings.max_queue:
            raise Overloaded("Too many requests are waiting for the model. Try again later.")
        if self._stopping:
            raise Stopping("The model process is being stopped.")
        sequence = Writing(prompt, allowed, priority)
        job = Job(sequence, sampler, TextStream(stops), on_event, wake=lambda: self._inbox.put(None))
        job.top_logprobs = top_logprobs
        self._inbox.put(job)
        return job

    def stop(self) -> None:
        """End the thread after its current step; unfinished jobs fail with Stopping."""
        self._stopping = True
        self._inbox.put(None)
        if self._thread:
            self._thread.join(timeout=30)

    def health(self) -> dict[str, Any]:
        settings, scheduler = self.settings, self.scheduler
        status = self.status
        if status in ("idle", "no_model"):  # the file may have appeared or disappeared since
            status = "idle" if settings.model_path.is_file() else "no_model"
        return {
            "status": status,
            "model": settings.model_name,
            "sha256": self.sha256,
            "gpu_layers": settings.gpu_layers,
            "context": self.backend.size if self.backend else settings.context,
            "slots": settings.slots,
            "busy": len(scheduler.active),
            "queued": scheduler.queued + self._inbox.qsize(),
            "tokens_per_second": round(self.speed.rate, 1),
        }

    # --- the decode thread ---

    def _run(self, ready: "Future[Backend]") -> None:
        try:
            backend = self._load()
        except EngineError as error:
            self.status = "no_model" if isinstance(error, NoModel) else "error"
            ready.set_exception(error)
            return
        settings = self.settings
        self.scheduler = Scheduler(backend.size, settings.slots, settings.chunk, settings.shared_chunk)
        self.backend, self.status = backend, "ok"
        ready.set_result(backend)
        while not self._stopping:
            self._take_inbox(wait=not self._jobs)
            self._step(backend)
        self._fail_all(Stopping("The model process is being stopped."))
        backend.close()

    def _load(self) -> Backend:
        started = time.perf_counter()
        try:
            backend = self.load(self.settings)
        except EngineError:
            raise
        except Exception as error:
            log.exception("loading the model failed")
            raise LoadFailed(f"The model could not be loaded: {error}") from error
        if not self.sha256 and self.settings.model_path.is_file():
            with self.settings.model_path.open("rb") as file:
                self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        log.info("model %s loaded in %.1f s", self.settings.model_name, time.perf_counter() - started)
        return backend

    def _take_inbox(self, *, wait: bool) -> None:
        """Sleep while there is nothing to do; then take everything that has arrived."""
        try:
            job = self._inbox.get(block=wait)
            while True:
                if job:
                    self._jobs[job.sequence] = job
                    self.scheduler.add(job.sequence)
                job = self._inbox.get(block=False)
        except Empty:
            return

    def _step(self, backend: Backend) -> None:
        for job in [job for job in self._jobs.values() if job.cancelled]:
            self._end(job, job.done("cancelled"))
        try:
            backend.apply(self.scheduler.admit())
            work = self.scheduler.plan()
            if work and self._decode(backend, work):
                self._advance(backend, work)
        except EngineError as error:
            self._recover(backend, error)
        except Exception as error:
            log.exception("a decode step failed")
            self._recover(backend, DecodeFailed(f"The model failed: {error}"))

    def _decode(self, backend: Backend, work: list[Work]) -> bool:
        """Compute, forgetting unused parts of the cache until there is room."""
        started = time.perf_counter()
        while not backend.decode(work):
            op = self.scheduler.evict()
            if op is None:
                raise DecodeFailed("The cache is full.")
            backend.apply([op])
        self.scheduler.decoded(work)
        if all(item.count == 1 for item in work):
            self.speed.step(len(work), time.perf_counter() - started)
        return True

    def _advance(self, backend: Backend, work: list[Work]) -> None:
        index = -1
        for item in work:
            index += item.count
            if item.sequence.pending == 0:
                job = self._jobs[item.sequence]
                try:
                    self._next_token(backend, job, index)
                except EngineError as error:
                    self._end(job, Failed(error))

    def _next_token(self, backend: Backend, job: Job, index: int) -> None:
        token = job.sampler.sample(index)
        if job.top_logprobs is not None:
            pairs = job.sampler.logprobs(index, token, job.top_logprobs)
            job.logprobs = tuple((backend.piece(id_).decode(errors="replace"), value) for id_, value in pairs)
        job.sequence.tokens.append(token)
        if backend.is_end(token):
            self._finish(job, "stop")
            return
        if text := job.stream.feed(backend.piece(token)):
            job.on_event(Text(text))
        if job.stream.stopped:
            self._finish(job, "stop")
        elif job.sequence.written >= job.sequence.max_tokens:
            self._finish(job, "length")

    def _finish(self, job: Job, reason: str) -> None:
        if rest := job.stream.finish():
            job.on_event(Text(rest))
        self._end(job, job.done(reason))

    def _end(self, job: Job, event: Event) -> None:
        self.scheduler.remove(job.sequence)
        del self._jobs[job.sequence]
        job.sampler.close()
        job.on_event(event)

    def _recover(self, backend: Backend, error: EngineError) -> None:
        """Active jobs fail and the cache is cleared; waiting jobs continue."""
        for sequence in list(self.scheduler.active):
            self._end(self._jobs[sequence], Failed(error))
        backend.apply(self.scheduler.forget_everything())

    def _fail_all(self, error: EngineError) -> None:
        self._take_inbox(wait=False)
        for job in list(self._jobs.values()):
            self._end(job, Failed(error))


def token_allowance(prompt: int, wanted: int | None, context: int) -> int:
    """How many tokens may be written. More than fits is an error; None means as many as fit, up to the default."""
    room = context - prompt
    if room < 1 or (wanted or 1) > room:
        more = f" and {wanted} for the answer" if wanted else ""
        raise ContextTooLong(f"The context has {context} tokens; the messages need {prompt}{more}.")
    return wanted or min(DEFAULT_MAX_TOKENS, room)
