"""Promises of money, guarantees and legal statements, which agents do not decide. Pure.

A promise stands where a source makes it word for word, where a colleague's note or an earlier reply speaks of it, and
where a team lead writes it.
"""

from collections.abc import Iterator

from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.phrases import pattern

_FORMS = ((Code.MONEY, pattern("money")), (Code.GUARANTEE, pattern("guarantee")), (Code.LEGAL, pattern("legal")))
_DENIED = pattern("denied")
# What a note or an earlier reply has in common with a promise of money, whatever its form.
_STEMS = (
    "refund",
    "reimburs",
    "money back",
    "credit",
    "compensat",
    "voucher",
    "discount",
    "waive",
    "erstatt",
    "gutschr",
)


def promises(text: str, facts: Facts) -> Iterator[Finding]:
    if facts.decides:
        return
    sources = " ".join(" ".join(facts.evidence).casefold().split())
    decided = " ".join(" ".join((*facts.notes, *facts.replies)).casefold().split())
    for code, form in _FORMS:
        for found in form.finditer(text):
            words = " ".join(found[0].casefold().split())
            denied = code is Code.MONEY and _DENIED.search(found[0])
            if denied or words in sources or words in decided:
                continue
            if code is not Code.MONEY or not any(stem in words and stem in decided for stem in _STEMS):
                yield Finding(code, *found.span(), found[0])
