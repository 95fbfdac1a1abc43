"""The rules of escalation that are in use, and saving others. Leads change them on a page."""

from copilot.escalation.rules import SHIPPED, from_json, to_json
from copilot.models import EscalationRules
from copilot.rule_sets import RuleSet

RULES = RuleSet(EscalationRules, SHIPPED, to_json, from_json)
current = RULES.current
