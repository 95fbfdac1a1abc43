"""The decode thread's work: takes jobs, asks the scheduler what to decode, runs the model, sends text to the jobs."""

import logging
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from copilot.engine.batching import Scheduler
from copilot.engine.errors import DecodeFailed, EngineError, TimedOut
from copilot.engine.jobs import Answered, Backend, Done, Event, Failed, Job, Question, Text, Writing
from copilot.engine.metrics import Metrics
from copilot.engine.sequences import Sequence as Tokens
from copilot.engine.sequences import Work

log = logging.getLogger(__name__)
Inbox = SimpleQueue[Sequence[Job]]  # of jobs that come together


class Decoder:
    """`ended` is called for each job that has ended. Everything else belongs to the thread that calls `step`."""

    def __init__(
        self, backend: Backend, scheduler: Scheduler, inbox: Inbox, metrics: Metrics,
        ended: Callable[[Job], None],
    ) -> None:  # fmt: skip
        self.backend, self.scheduler, self.inbox, self.metrics, self.ended = backend, scheduler, inbox, metrics, ended
        self.jobs: dict[Tokens, Job] = {}

    def step(self) -> None:
        """Sleeps while there is nothing to do."""
        idle = not self.jobs
        self._take_inbox(wait=idle)
        if idle:
            self.metrics.pace.begun()
        self._end_the_unwanted()
        try:
            self.backend.apply(self.scheduler.admit())
            work = self.scheduler.plan()
            if work:
                self._decode(work)
        except EngineError as error:
            self._recover(error)
        except Exception as error:
            log.exception("a decode step failed")
            self._recover(DecodeFailed(f"The model failed: {error}"))

    def fail_all(self, error: EngineError) -> None:
        self._take_inbox(wait=False)
        for job in list(self.jobs.values()):
            self._end(job, Failed(error))

    def _take_inbox(self, *, wait: bool) -> None:
        """Everything that has arrived."""
        try:
            arrived = self.inbox.get(block=wait)
            while True:
                for job in arrived:
                    self.jobs[job.sequence] = job
                    self.scheduler.add(job.sequence)
                arrived = self.inbox.get(block=False)
        except Empty:
            return

    def _end_the_unwanted(self) -> None:
        now = time.monotonic()
        for job in list(self.jobs.values()):
            if job.cancelled:
                self._end(job, job.done("cancelled"))
            elif now >= job.end:
                self._end(job, Failed(TimedOut("The request took longer than its timeout.")))

    def _decode(self, work: list[Work]) -> None:
        """Compute, forgetting unused parts of the cache until there is room."""
        started = time.perf_counter()
        while not self.backend.decode(work):
            op = self.scheduler.evict()
            if op is None:
                raise DecodeFailed("The cache is full.")
            self.backend.apply([op])
        self.scheduler.decoded(work)
        before = self.metrics.written
        self._advance(work)
        self._count(work, time.perf_counter() - started, before)

    def _count(self, work: list[Work], seconds: float, before: int) -> None:
        self.metrics.step(seconds)
        self.scheduler.costs.step(sum(item.size for item in work), seconds)
        if all(item.count == 1 for item in work):
            self.metrics.wrote(self.metrics.written - before, seconds)

    def _advance(self, work: list[Work]) -> None:
        index = 0
        for item in work:
            last = index + item.count - 1
            index += item.size
            if item.sequence.pending == 0:
                job = self.jobs[item.sequence]
                try:
                    if isinstance(job, Question):
                        self._answer(job, last)
                    elif isinstance(job, Writing):
                        self._write(job, self._choose(job, item, last), last)
                except EngineError as error:
                    self._end(job, Failed(error))

    def _answer(self, job: Question, index: int) -> None:
        token = self.backend.piece(self.backend.likeliest(index)).decode(errors="replace")
        logprobs = tuple(self.backend.logprobs(index, job.words))
        self._end(job, Answered(token, logprobs, len(job.sequence.prompt), job.sequence.cached))

    def _choose(self, job: Writing, item: Work, index: int) -> list[int]:
        """The next token, and one more for each guess that was right."""
        chosen: list[int] = []
        try:
            for guess in (*item.guess, None):
                chosen.append(job.sampler.sample(index + len(chosen)))
                if chosen[-1] != guess or self.backend.is_end(chosen[-1]):
                    break
        finally:
            right = max(0, len(chosen) - 1)
            self.backend.apply(self.scheduler.settle(item, right))
        self.metrics.guessed += len(item.guess)
        self.metrics.right += right
        if job.sequence.guesser:
            job.sequence.guesser.learn(chosen)
        return chosen

    def _write(self, job: Writing, chosen: Sequence[int], index: int) -> None:
        if job.top_logprobs is not None:
            pairs = job.sampler.logprobs(index, chosen[0], job.top_logprobs)
            job.logprobs = tuple((self.backend.piece(id_).decode(errors="replace"), value) for id_, value in pairs)
        for token in chosen:
            job.sequence.tokens.append(token)
            self.metrics.written += 1
            reason = self._reason_to_end(job, token)
            if reason:
                self._finish(job, reason)
                return

    def _reason_to_end(self, job: Writing, token: int) -> str:
        if self.backend.is_end(token):
            return "stop"
        if text := job.stream.feed(self.backend.piece(token)):
            job.on_event(Text(text))
        if job.stream.stopped:
            return "stop"
        return "length" if job.sequence.written >= job.sequence.max_tokens else ""

    def _finish(self, job: Writing, reason: str) -> None:
        if rest := job.stream.finish():
            job.on_event(Text(rest))
        self._end(job, job.done(reason))

    def _end(self, job: Job, event: Event) -> None:
        self.scheduler.remove(job.sequence)
        del self.jobs[job.sequence]
        job.close()
        self.metrics.ended(_outcome(event), len(job.sequence.prompt), job.sequence.cached)
        self.ended(job)
        job.on_event(event)

    def _recover(self, error: EngineError) -> None:
        """Active jobs fail and the cache is cleared; waiting jobs continue."""
        for sequence in list(self.scheduler.active):
            self._end(self.jobs[sequence], Failed(error))
        self.backend.apply(self.scheduler.forget_everything())


def _outcome(event: Event) -> str:
    match event:
        case Done(reason=reason):
            return reason
        case Failed(error=error):
            return error.code
        case _:
            return "answered"
