"""The engine: loads the model when it is first needed, and takes jobs for the decode thread.

The thread owns the model. Others talk to it through `write`, `ask`, `Job.cancel` and the callback of a job, which is
called in the decode thread and must not block.
"""

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue
from typing import Any

from config import catalogue
from copilot.engine.batching import Scheduler
from copilot.engine.chat import prompt_tokens
from copilot.engine.decoding import Decoder, Inbox
from copilot.engine.errors import ContextTooLong, EngineError, LoadFailed, NoModel, Overloaded, Stopping
from copilot.engine.guessing import Guesser
from copilot.engine.jobs import Backend, Event, Job, Question, TokenSampler, Writing
from copilot.engine.metrics import Metrics
from copilot.engine.requests import DEFAULT_MAX_TOKENS
from copilot.engine.sequences import INTERACTIVE, LAST
from copilot.engine.sequences import Sequence as Tokens
from copilot.engine.settings import EngineSettings
from copilot.engine.tokens import TextStream

log = logging.getLogger(__name__)
Prefix = Sequence[dict[str, str]]


@dataclass
class Engine:
    """`prefixes`: how prompts begin that will be asked; they are read once the model is loaded."""

    settings: EngineSettings
    load: Callable[[EngineSettings], Backend]
    prefixes: Sequence[Prefix] = ()
    status: str = "idle"  # idle, loading, ok, no_model, error
    sha256: str = ""
    backend: Backend | None = None
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.sha256 = "" if self.settings.lora_path else self.settings.sha256  # of both once they are loaded
        self._inbox: Inbox = SimpleQueue()
        self._open: Counter[bool] = Counter()  # jobs that have not ended, by whether they are in the background
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

    def write(
        self,
        prompt: list[int],
        sampler: TokenSampler,
        on_event: Callable[[Event], Any],
        *,
        max_tokens: int | None = None,
        stops: Sequence[str] = (),
        priority: int = INTERACTIVE,
        top_logprobs: int | None = None,
        timeout: float = math.inf,
    ) -> Job:
        """Queue a text. Raises ContextTooLong if it can never fit, Overloaded if too many are waiting."""
        allowed = token_allowance(len(prompt), max_tokens, self._room)
        guesser = Guesser() if self.settings.guess and allowed > 1 else None
        sequence, end = Tokens(prompt, allowed, priority, guesser), time.monotonic() + timeout
        job = Writing(sequence, on_event, self._wake, end, sampler, TextStream(stops), top_logprobs)
        self._queue([job], priority)
        return job

    def ask(
        self,
        prompts: Sequence[list[int]],
        words: Sequence[Sequence[int]],
        on_event: Callable[[int, Event], Any],
        *,
        priority: int = INTERACTIVE,
        timeout: float = math.inf,
    ) -> list[Job]:
        """Queue questions, all or none. `on_event` is told which one it is about. Raises like `write`."""
        for prompt in prompts:
            token_allowance(len(prompt), None, self._room)
        end = time.monotonic() + timeout
        jobs: list[Job] = [
            Question(Tokens(prompt, 0, priority), partial(on_event, at), self._wake, end, words)
            for at, prompt in enumerate(prompts)
        ]
        self._queue(jobs, priority)
        return jobs

    @property
    def _room(self) -> int:
        assert self.backend is not None, "await start() first"
        return min(self.backend.size, self.backend.longest)

    def _wake(self) -> None:
        self._inbox.put(())

    def _queue(self, jobs: Sequence[Job], priority: int) -> None:
        """Background requests never take the places of the others."""
        if self._stopping:
            raise Stopping("The model process is being stopped.")
        background = priority > INTERACTIVE
        with self._guard:
            if self._open[background] + len(jobs) > self.settings.max_queue:
                self.metrics.requests[Overloaded.code] += len(jobs)
                raise Overloaded(self.metrics.pace.until_next)
            self._open[background] += len(jobs)
        self._inbox.put(jobs)

    def _ended(self, job: Job) -> None:
        with self._guard:
            self._open[job.sequence.background] -= 1

    def stop(self) -> None:
        """End the thread after its current step; unfinished jobs fail with Stopping."""
        self._stopping = True
        self._wake()
        if self._thread:
            self._thread.join(timeout=30)

    @property
    def busy(self) -> int:
        return len(self.scheduler.active)

    @property
    def queued(self) -> int:
        return len(self.scheduler.waiting) + self._inbox.qsize()

    def health(self) -> dict[str, Any]:
        settings, status = self.settings, self.status
        if status in ("idle", "no_model"):  # the file may have appeared or disappeared since
            status = "idle" if settings.model_path.is_file() else "no_model"
        return {
            "status": status,
            "model": settings.model_name,
            "sha256": self.sha256,
            "lora": settings.lora_path.name if settings.lora_path else "",
            "gpu_layers": settings.gpu_layers,
            "context": self.backend.size if self.backend else settings.context,
            "slots": settings.slots,
            "busy": self.busy,
            "queued": self.queued,
            "tokens_per_second": round(self.metrics.rate, 1),
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
        decoder = Decoder(backend, self.scheduler, self._inbox, self.metrics, self._ended)
        self._read_prefixes(backend)
        while not self._stopping:
            decoder.step()
        decoder.fail_all(Stopping("The model process is being stopped."))
        backend.close()

    def _read_prefixes(self, backend: Backend) -> None:
        """Whoever asks meanwhile goes first."""
        for prefix in self.prefixes:
            try:
                prompt = prompt_tokens(prefix, backend.render, backend.tokenize)
                self.ask([prompt], (), lambda _, event: None, priority=LAST)
            except EngineError as error:
                log.info("a prefix is not read ahead: %s", error)

    def _load(self) -> Backend:
        started = time.perf_counter()
        try:
            backend = self.load(self.settings)
        except EngineError:
            raise
        except Exception as error:
            log.exception("loading the model failed")
            raise LoadFailed(f"The model could not be loaded: {error}") from error
        self.sha256 = self._fingerprint()
        log.info("model %s loaded in %.1f s", self.settings.model_name, time.perf_counter() - started)
        return backend

    def _fingerprint(self) -> str:
        settings = self.settings
        model = settings.sha256 or (catalogue.checksum(settings.model_path) if settings.model_path.is_file() else "")
        return catalogue.fingerprint(model, settings.lora_path)


def token_allowance(prompt: int, wanted: int | None, context: int) -> int:
    """How many tokens may be written. More than fits is an error; None means as many as fit, up to the default."""
    room = context - prompt
    if room < 1 or (wanted or 1) > room:
        more = f" and {wanted} for the answer" if wanted else ""
        raise ContextTooLong(f"The context has {context} tokens; the messages need {prompt}{more}.")
    return wanted or min(DEFAULT_MAX_TOKENS, room)
