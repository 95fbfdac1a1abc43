"""An escalation as the team reads it in the conversation. Registered with `tickets.message_details.handoffs`."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from copilot.escalation import judging, wording
from copilot.escalation.sending import ORDER
from copilot.models import Escalation
from copilot.redaction import restore
from copilot.redaction.values import values_of
from tickets.message_details.handoffs import Choice, Handoff, Section
from tickets.models import Message, User

KEYS = {Escalation.Judgement.JUSTIFIED: "1", Escalation.Judgement.NOT_NEEDED: "2", Escalation.Judgement.WRONG_TEAM: "3"}
ROLES = ("team", "from_team", "judged_by", "ticket__customer")


def of_notes(notes: Sequence[Message], user: User) -> Mapping[int, Handoff]:
    """`notes`: of one ticket."""
    rows = list(Escalation.objects.filter(note__in=[each.pk for each in notes]).select_related(*ROLES))
    if not rows:
        return {}
    values = values_of(rows[0].ticket, " ".join(text for row in rows for text in row.package.get("texts", {}).values()))
    teams = judging.teams_of(user)
    return {row.note_id: _handoff(row, values, judging.may_judge(row, user, teams)) for row in rows}


def _handoff(row: Escalation, values: dict[str, str], judges: bool) -> Handoff:
    chosen = row.judgement
    return Handoff(
        wording.summary(row.team.name if row.team else "", row.from_team.name if row.from_team else "", row.reason),
        tuple(_sections(row, values)),
        undone=row.undone_at is not None,
        address=reverse("copilot:escalation_judge", args=[row.pk]) if judges and not row.undone_at else "",
        choices=tuple(Choice(each.value, str(each.label), key, each == chosen) for each, key in KEYS.items()),
        judged_by=row.judged_by,
        judged_at=row.judged_at,
    )


def _sections(row: Escalation, values: dict[str, str]) -> list[Section]:
    texts, found = row.package.get("texts", {}), []
    for name in ORDER:
        if name == "articles":
            links = tuple(_link(each) for each in row.package.get("articles", ()))
            found.append(Section(str(wording.LABELS[name]), links=links))
        elif text := texts.get(name, ""):
            origin = row.package.get("origins", {}).get(name, "")
            shown = str(wording.ORIGINS.get(origin, ""))
            found.append(Section(str(wording.LABELS[name]), restore(text, values), shown, origin == "model"))
    return [each for each in found if each.text or each.links]


def _link(article: Mapping[str, Any]) -> tuple[str, str, str]:
    address = reverse("knowledge:article", args=[article["number"]]) if article["number"] else ""
    return article["title"], address, use(article["use"])


def use(code: str) -> str:
    return {"sent": _("sent to the customer"), "draft": _("in the draft"), "found": _("found, not cited")}.get(code, "")
