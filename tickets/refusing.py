"""Rules of other apps by which a reply is refused before it is written: this app has no opinion on texts.

A rule gets the text as the customer would read it and the number of attachments, and answers with reasons.
"""

from collections.abc import Callable, Sequence

from tickets.models import Ticket, User

Rule = Callable[[Ticket, User, str, int], Sequence[str]]
_rules: list[Rule] = []


class Refused(Exception):
    """The reply may not be sent. `reasons`: sentences for who wanted to send it."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(f"{len(reasons)} reasons")
        self.reasons = reasons


def register(rule: Rule) -> None:
    """Called once, when the app that has the rule is ready."""
    if rule not in _rules:
        _rules.append(rule)


def ask(ticket: Ticket, author: User, text: str, attachments: int) -> None:
    """Raises Refused."""
    if reasons := [reason for rule in _rules for reason in rule(ticket, author, text, attachments)]:
        raise Refused(reasons)
