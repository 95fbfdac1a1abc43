"""The routing rules that are in use, and saving others. Leads change them on a page."""

from config.jobs import SLOW, queue
from copilot.models import RoutingRules
from copilot.routing.rules import SHIPPED, from_json, to_json
from copilot.rule_sets import RuleSet


def _route_again() -> None:
    queue("copilot.tasks.route_open_tickets", lane=SLOW)


RULES = RuleSet(RoutingRules, SHIPPED, to_json, from_json, then=_route_again)
current = RULES.current
save = RULES.save
