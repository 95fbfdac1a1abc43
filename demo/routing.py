"""The routing rules of the demo: those that ship with Copydesk, and Tallybird's teams."""

from collections.abc import Mapping
from dataclasses import replace

from copilot.models import RoutingRules
from copilot.routing import configuration
from copilot.routing.rules import SHIPPED, TeamRule
from tickets.models import Team

# By category; account care has everything else.
TEAMS = {"billing": "billing", "technical": "technical", "product_question": "technical", "": "account-care"}


def save_rules(teams: Mapping[str, Team]) -> None:
    if RoutingRules.objects.exists():
        return
    rules = tuple(TeamRule(category, "", teams[slug].pk) for category, slug in TEAMS.items())
    configuration.save(replace(SHIPPED, teams=rules), 0, note="Teams of Tallybird")
