"""Asks each component how it is: ok, degraded or down, why, and how to mend it (`manage.py doctor`).

A probe is a function that returns an Answer; `@probe("name")` adds it. Each app has its own in a module `probes`.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from django.utils.module_loading import autodiscover_modules

State = Literal["ok", "degraded", "down"]
QUICK = ("worker", "slow", "drafter", "model", "chroma", "live updates")  # what /health also tells
QUICK_FOR = 5.0  # seconds for which /health trusts an answer


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
    """What a probe returns; the component's name is added by who asks."""

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
    """One finding per component (all by default). A probe that breaks is a finding, not a traceback."""
    autodiscover_modules("probes")
    return [_ask(name) for name in components or PROBES]


def quick() -> list[Finding]:
    """What may be asked often: answers a few seconds old are good enough."""
    global _quick
    if time.monotonic() - _quick[0] > QUICK_FOR or not _quick[1]:
        _quick = (time.monotonic(), examine(*QUICK))
    return _quick[1]


def lane_states() -> dict[str, str]:
    """dead, late, busy or empty, for each lane; as old as `quick`."""
    from config.background import lanes

    global _lanes
    if time.monotonic() - _lanes[0] > QUICK_FOR:
        _lanes = (time.monotonic(), {name: lanes.lane(name).state for name in lanes.PATIENCE})
    return _lanes[1]


def _ask(component: str) -> Finding:
    try:
        answer = PROBES[component]()
    except Exception as error:  # noqa: BLE001 - whatever breaks while asking is what the operator must hear
        answer = down(
            f"Asking failed: {type(error).__name__}: {str(error)[:200]}", "See the log of the process it belongs to."
        )
    return Finding(component, answer.state, answer.why, answer.mend)
