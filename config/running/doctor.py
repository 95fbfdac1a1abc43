"""The state of each component (ok, degraded or down), why, and how to repair it (`manage.py doctor`).

A probe is a function that returns an Answer; `@probe("name")` registers it. Each app has them in its `probes.py`.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from django.utils.module_loading import autodiscover_modules

State = Literal["ok", "degraded", "down"]
QUICK = ("worker", "slow", "drafter", "model", "chroma", "live updates")  # also shown by /health
QUICK_FOR = 5.0  # seconds for which /health repeats an answer


@dataclass(frozen=True)
class Finding:
    component: str
    state: State
    why: str
    mend: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


@dataclass(frozen=True)
class Answer:
    """What a probe returns. `examine` adds the name of the component."""

    state: State
    why: str
    mend: str = ""


def ok(why: str) -> Answer:
    return Answer("ok", why)


def degraded(why: str, mend: str) -> Answer:
    return Answer("degraded", why, mend)


def down(why: str, mend: str) -> Answer:
    return Answer("down", why, mend)


Probe = Callable[[], Answer]
PROBES: dict[str, Probe] = {}
_lanes: tuple[float, dict[str, str]] = (float("-inf"), {})
_quick: tuple[float, list[Finding]] = (0.0, [])


def probe(component: str) -> Callable[[Probe], Probe]:
    def add(function: Probe) -> Probe:
        PROBES[component] = function
        return function

    return add


def examine(*components: str) -> list[Finding]:
    """One finding per component (all by default). A probe that fails is a finding, not a traceback."""
    autodiscover_modules("probes")
    return [_ask(name) for name in components or PROBES]


def quick() -> list[Finding]:
    """For frequent requests: the answers may be a few seconds old."""
    global _quick
    if time.monotonic() - _quick[0] > QUICK_FOR or not _quick[1]:
        _quick = (time.monotonic(), examine(*QUICK))
    return _quick[1]


def lane_states() -> dict[str, str]:
    """The state of each lane: dead, late, busy or empty. As old as `quick`."""
    from config.background import lanes

    global _lanes
    if time.monotonic() - _lanes[0] > QUICK_FOR:
        _lanes = (time.monotonic(), {name: lanes.lane(name).state for name in lanes.LATE_AFTER})
    return _lanes[1]


def _ask(component: str) -> Finding:
    try:
        answer = PROBES[component]()
    except Exception as error:  # noqa: BLE001 - whatever fails here, the operator must see it
        answer = down(
            f"The check failed: {type(error).__name__}: {str(error)[:200]}", "See the log of this component's process."
        )
    return Finding(component, answer.state, answer.why, answer.mend)
