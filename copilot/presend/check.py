"""The rules of the check before sending: everything that can be said about a reply without a model. Pure.

A reply of 2,000 words takes less than 0.3 s. Never raises: no text may keep an agent from answering.
"""

from copilot.presend.claims import claims
from copilot.presend.copied import copied
from copilot.presend.facts import Facts
from copilot.presend.findings import Finding, Level
from copilot.presend.greeting import greeting
from copilot.presend.links import attachments, links
from copilot.presend.personal import personal
from copilot.presend.placeholders import placeholders
from copilot.presend.promises import promises
from copilot.presend.tone import tone
from copilot.presend.unanswered import language, unanswered

READ = 50_000  # characters: no reply is longer (tickets/views/forms.py)
MOST = 9  # findings: each has a digit as its key
MOST_OF_ONE = 3  # of the same kind: more of them say nothing new
BLOCKING = (copied, personal, placeholders)
WARNING = (promises, claims, links, greeting, language, unanswered, attachments, tone)


def check(text: str, facts: Facts) -> tuple[Finding, ...]:
    """Blocks first, then in the order of the text."""
    found = [each for rule in (*BLOCKING, *WARNING) for each in rule(text[:READ], facts)]
    return _chosen(found)


def blocks(text: str, facts: Facts) -> tuple[Finding, ...]:
    """Only what may not be sent."""
    found = [each for rule in BLOCKING for each in rule(text[:READ], facts)]
    return tuple(each for each in _chosen(found) if each.level is Level.BLOCK)


def _chosen(found: list[Finding]) -> tuple[Finding, ...]:
    """What is inside another finding goes, and so does what is too much to read."""
    found.sort(key=lambda each: (each.level is not Level.BLOCK, each.start, -each.end))
    kept: list[Finding] = []
    for each in found:
        inside = any(other.start <= each.start and each.end <= other.end for other in kept if each.end > each.start)
        if not inside and sum(other.code is each.code for other in kept) < MOST_OF_ONE:
            kept.append(each)
    return tuple(kept[:MOST])
