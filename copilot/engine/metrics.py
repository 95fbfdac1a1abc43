"""What the model process counts, for /metrics and /health. The decode thread writes, others read."""

import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds of a step
LONGEST_PAUSE = 300  # seconds that a client is asked to wait


@dataclass
class Pace:
    """Seconds from one job's end to the next, while there is always another one."""

    seconds: float = 0.0
    _last: float = field(default_factory=time.monotonic)

    def begun(self) -> None:
        """After a time without work."""
        self._last = time.monotonic()

    def ended(self) -> None:
        now = time.monotonic()
        passed, self._last = now - self._last, now
        self.seconds = passed if not self.seconds else 0.8 * self.seconds + 0.2 * passed

    @property
    def until_next(self) -> int:
        return min(max(1, math.ceil(self.seconds)), LONGEST_PAUSE)


@dataclass
class Metrics:
    rate: float = 0.0  # tokens written per second, all sequences together, over the last few dozen steps
    requests: Counter[str] = field(default_factory=Counter)  # by how they ended
    prompt_tokens: int = 0
    cached_tokens: int = 0
    written: int = 0
    guessed: int = 0
    right: int = 0  # guessed tokens that the model chose too
    steps: Counter[float] = field(default_factory=Counter)  # by the bound that they stayed under
    step_seconds: float = 0.0
    pace: Pace = field(default_factory=Pace)

    def step(self, seconds: float) -> None:
        self.steps[next((bound for bound in BOUNDS if seconds <= bound), math.inf)] += 1
        self.step_seconds += seconds

    def wrote(self, tokens: int, seconds: float) -> None:
        """A step that only wrote."""
        now = tokens / max(seconds, 1e-6)
        self.rate = now if not self.rate else 0.95 * self.rate + 0.05 * now

    def ended(self, outcome: str, prompt: int, cached: int) -> None:
        self.requests[outcome] += 1
        self.prompt_tokens += prompt
        self.cached_tokens += cached
        self.pace.ended()

    def text(self, busy: int, queued: int) -> str:
        """In Prometheus' format."""
        return "".join(f"{line}\n" for line in self._lines(busy, queued))

    def _lines(self, busy: int, queued: int) -> Iterator[str]:
        yield from _head("requests_total", "counter", "Requests by how they ended.")
        for outcome, number in sorted(self.requests.items()):
            yield f'copydesk_model_requests_total{{outcome="{outcome}"}} {number}'
        for name, kind, about, value in (
            ("active_requests", "gauge", "Requests that are being read or written.", busy),
            ("queued_requests", "gauge", "Requests that wait.", queued),
            ("prompt_tokens_total", "counter", "Tokens of prompts.", self.prompt_tokens),
            ("cached_tokens_total", "counter", "Tokens of prompts that were in the cache.", self.cached_tokens),
            ("written_tokens_total", "counter", "Tokens written.", self.written),
            ("guessed_tokens_total", "counter", "Tokens guessed and decoded along.", self.guessed),
            ("right_guesses_total", "counter", "Guessed tokens that the model chose too.", self.right),
            ("tokens_per_second", "gauge", "Tokens written per second lately.", round(self.rate, 2)),
        ):
            yield from _head(name, kind, about)
            yield f"copydesk_model_{name} {value}"
        yield from self._histogram()

    def _histogram(self) -> Iterator[str]:
        yield from _head("step_seconds", "histogram", "Seconds of a decode step.")
        passed = 0
        for bound in (*BOUNDS, math.inf):
            passed += self.steps[bound]
            name = "+Inf" if math.isinf(bound) else str(bound)
            yield f'copydesk_model_step_seconds_bucket{{le="{name}"}} {passed}'
        yield f"copydesk_model_step_seconds_sum {self.step_seconds:.3f}"
        yield f"copydesk_model_step_seconds_count {passed}"


def _head(name: str, kind: str, about: str) -> tuple[str, str]:
    return f"# HELP copydesk_model_{name} {about}", f"# TYPE copydesk_model_{name} {kind}"
