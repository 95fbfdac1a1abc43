"""The step "route" of a preparation: who handles a message, and what the copilot may do with it."""

from copilot.routing.deciding import Routed, RouteInput, decide
from copilot.routing.rules import SHIPPED


def route(given: RouteInput) -> Routed:
    return decide(given, given.rules or SHIPPED)
