"""The rules of routing as data: what leads edit, and the rules that apply until they do (PRODUCT.md, §5).

Each rule asks for at least so much of a person; the strictest one decides (deciding.py). Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from copilot.models import Route, Triage
from copilot.rule_sets import BadRules
from copilot.triage.figures import SURE
from copilot.triage.signals import REQUESTS, SENSITIVE, Kind
from tickets.models import Customer

Handling, May = Route.Handling, Route.May
OTHERS = "*"  # every category without rules of its own, and none
NEVER = 6  # an urgency that no message has
Sentiment = Triage.Sentiment
# Rows of the matrix, the strictest first. A message is in the first that its sentiment or its urgency is in.
ROWS = {
    "urgent": (Sentiment.URGENT, (5,)),
    "negative": (Sentiment.NEGATIVE, (4,)),
    "neutral": (Sentiment.NEUTRAL, (3,)),
    "positive": (Sentiment.POSITIVE, (2, 1)),
}
LANGUAGE_MOST = 8  # characters


@dataclass(frozen=True)
class TeamRule:
    """Tickets of this category and language go to this team. "": any. `team` is an id."""

    category: str
    language: str
    team: int


@dataclass(frozen=True)
class Rules:
    """Values are handlings unless said otherwise; "" asks for nothing.

    `signals`: by kind. `categories` always go to a person. `tiers`: by the customer's tier. `urgency`: from it on the
    copilot never answers alone. `thresholds`: by category, the confidence that is needed (0 to 1). `matrix`: by row
    and category. `may`: by category or request, what the copilot may prepare. OTHERS stands for all other categories.
    """

    signals: Mapping[str, str]
    categories: tuple[str, ...]
    tiers: Mapping[str, str]
    urgency: int
    thresholds: Mapping[str, float]
    matrix: Mapping[str, Mapping[str, str]]
    may: Mapping[str, str]
    teams: tuple[TeamRule, ...] = ()

    def threshold(self, category: str) -> float:
        return self.thresholds.get(category, self.thresholds[OTHERS])

    def cell(self, row: str, category: str) -> str:
        return self.matrix[row].get(category, self.matrix[row][OTHERS])

    def may_do(self, subject: str) -> str:
        """`subject`: a category or a request."""
        return self.may.get(subject, self.may[OTHERS])

    def team(self, category: str, language: str) -> int:
        """The most specific rule counts, a category more than a language; 0 if there is none."""
        wanted = ((category, language), (category, ""), ("", language), ("", ""))
        by_subject = {(each.category, each.language): each.team for each in self.teams}
        return next((by_subject[each] for each in wanted if each in by_subject), 0)


_NORMAL = {"billing": Handling.AI_ONLY, "technical": Handling.AI_ONLY, "account": Handling.AI_ONLY}
_CAREFUL = dict.fromkeys(("billing", "technical", "account"), Handling.AI_AND_HUMAN)
_URGENT = dict.fromkeys(("billing", "technical", "account"), Handling.HUMAN_NOW)
QUESTION = "product_question"
SHIPPED = Rules(
    signals={
        **dict.fromkeys((kind.value for kind in SENSITIVE), Handling.HUMAN_NOW.value),
        Kind.CHURN.value: Handling.AI_AND_HUMAN.value,
        **dict.fromkeys((kind.value for kind in REQUESTS), Handling.AI_AND_HUMAN.value),
    },
    categories=(),
    tiers={Customer.Tier.ENTERPRISE.value: Handling.AI_AND_HUMAN.value},
    urgency=4,
    thresholds={OTHERS: SURE},
    matrix={
        "urgent": {**_URGENT, QUESTION: Handling.AI_AND_HUMAN, OTHERS: Handling.HUMAN_NOW},
        "negative": {**_CAREFUL, QUESTION: Handling.AI_ONLY, OTHERS: Handling.AI_AND_HUMAN},
        "neutral": {**_NORMAL, QUESTION: Handling.AI_ONLY, OTHERS: Handling.AI_AND_HUMAN},
        "positive": {**_NORMAL, QUESTION: Handling.AI_ONLY, OTHERS: Handling.AI_AND_HUMAN},
    },
    may={
        OTHERS: May.DRAFT.value,
        "billing": May.OWN_WORDS.value,
        "technical": May.NEXT_STEP.value,
        Kind.REFUND.value: May.POLICY.value,
        Kind.ACCESS.value: May.NOTHING.value,
    },
)


def to_json(rules: Rules) -> dict[str, Any]:
    return asdict(rules)


def from_json(stored: Any) -> Rules:
    """Raises BadRules. Kinds, tiers and categories that are no longer known stay: they do nothing."""
    if not isinstance(stored, Mapping):
        raise BadRules("Rules are an object.")
    try:
        rules = Rules(
            signals=_handlings(stored["signals"]),
            categories=tuple(map(str, stored["categories"])),
            tiers=_handlings(stored["tiers"]),
            urgency=int(stored["urgency"]),
            thresholds={str(name): float(least) for name, least in stored["thresholds"].items()},
            matrix={row: _handlings(stored["matrix"][row], OTHERS) for row in ROWS},
            may={str(name): May(value).value for name, value in stored["may"].items()},
            teams=tuple(TeamRule(str(t["category"]), str(t["language"]), int(t["team"])) for t in stored["teams"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRules(f"Rules that cannot be read: {type(error).__name__} {error}") from error
    problem = next(_problems(rules), "")
    if problem:
        raise BadRules(problem)
    return rules


def _handlings(stored: Mapping[str, str], *needed: str) -> dict[str, str]:
    """Those that ask for nothing are left out."""
    found = {str(name): Handling(value).value for name, value in stored.items() if value}
    missing = [name for name in needed if name not in found]
    if missing:
        raise ValueError(f"{missing[0]} is missing")
    return found


def _problems(rules: Rules) -> Iterator[str]:
    if not 1 <= rules.urgency <= NEVER:
        yield f"The urgency is from 1 to {NEVER}."
    if not all(0 <= least <= 1 for least in rules.thresholds.values()):
        yield "A threshold is from 0 to 1."
    if OTHERS not in rules.thresholds or OTHERS not in rules.may:
        yield "The rule for all other categories is missing."
    subjects = [(each.category, each.language) for each in rules.teams]
    if len(set(subjects)) < len(subjects):
        yield "Two teams for the same category and language."
    if any(len(each.language) > LANGUAGE_MOST for each in rules.teams):
        yield "A language is a short code."
