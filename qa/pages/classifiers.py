"""The classifiers of this desk for the page on triage: what was measured of each, and what speaks against it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, Q, When
from django.utils.translation import gettext as _

from config import formats
from copilot.models import Triage, TriageModel
from copilot.triage import versions
from copilot.triage.classifier import NONE
from knowledge.index import embeddings
from qa.pages import wording
from qa.pages.triage_shown import Labels, category_name

MOST = 20  # on the page


@dataclass(frozen=True)
class Figure:
    """`change`: from the classifier that was in use, in words. `judged`: "better", "worse" or ""."""

    label: str
    value: str
    change: str = ""
    judged: str = ""


@dataclass(frozen=True)
class Shown:
    model: TriageModel
    in_use: bool
    figures: Sequence[Figure]
    compared_with: int  # 0: nothing was in use
    examples: int
    corrections: int
    tested: int
    against: Sequence[str]

    @property
    def may_be_used(self) -> bool:
        return not self.in_use and passes(self.model)


@dataclass(frozen=True)
class Classifiers:
    """`new`: corrections since the last training."""

    shown: Sequence[Shown]
    in_use: int
    new: int


def passes(model: TriageModel) -> bool:
    """The gate. A classifier that did not go through it may not be used either."""
    return bool(model.report.get("against") == [])


def read(labels: Labels) -> Classifiers:
    """The newest ones and the one in use, newest first, in three queries."""
    embedder = embeddings.get_embedder().name
    in_use = versions.in_use(embedder)
    found = TriageModel.objects.filter(embedder=embedder).defer("file").select_related("trained_by")
    first = Case(When(pk=in_use, then=0), default=1)
    rows = sorted(found.order_by(first, "-pk")[:MOST], key=lambda each: -each.pk)
    return Classifiers([_shown(each, in_use, labels) for each in rows], in_use, _new(rows[0] if rows else None))


def _new(newest: TriageModel | None) -> int:
    """Those whose message is prepared, because of others the masked text is missing."""
    learnable = Triage.objects.filter(corrected_at__isnull=False, message__prepared__isnull=False)
    if newest is None:
        return learnable.count()
    later = Count("pk", filter=Q(corrected_at__gt=newest.created_at))
    counted = learnable.aggregate(all=Count("pk"), later=later)
    # Those that came while it was trained are older than it, but it has not learnt from them.
    return max(counted["later"], counted["all"] - newest.report.get("corrections", 0))


def _shown(model: TriageModel, in_use: int, labels: Labels) -> Shown:
    report = model.report
    before = report.get("before") or {}
    split = report.get("split") or {}
    return Shown(
        model=model,
        in_use=model.pk == in_use,
        figures=[
            _figure(_("Accuracy"), "accuracy", report, before),
            _figure(_("Macro-F1"), "macro_f1", report, before),
            _figure(_("Calibration error"), "ece", report, before),
        ],
        compared_with=before.get("number", 0),
        examples=sum(split.values()),
        corrections=report.get("corrections", 0),
        tested=split.get("test", 0),
        against=[reason(each, labels) for each in report.get("against") or []],
    )


def _percent(value: float) -> str:
    return _("%(number)s%%") % {"number": formats.decimal(value * 100, 1)}


def _three_digits(value: float) -> str:
    return formats.decimal(value, 3)


def _figure(label: str, name: str, report: dict[str, Any], before: dict[str, Any]) -> Figure:
    """Of a calibration error less is better, of the others more."""
    words = _percent if name == "accuracy" else _three_digits
    now, was = report.get(name), before.get(name)
    if now is None:
        return Figure(label, wording.NOTHING)
    if was is None:
        return Figure(label, words(now))
    if words(now) == words(was):
        return Figure(label, words(now), _("= no change"))
    better = (now < was) == (name == "ece")
    difference = _("%(number)s points") if name == "accuracy" else "%(number)s"
    away = formats.decimal(abs(now - was) * 100, 1) if name == "accuracy" else _three_digits(abs(now - was))
    filled = {"arrow": "↑" if now > was else "↓", "difference": difference % {"number": away}}
    said = _("%(arrow)s %(difference)s, better") if better else _("%(arrow)s %(difference)s, worse")
    return Figure(label, words(now), said % filled, "better" if better else "worse")


def reason(stored: str, labels: Labels) -> str:
    """Why a classifier may not be used, in the language of the page: what `retraining.against` has written.

    Text that is written in no known way is shown as it is.
    """
    for pattern, make in REASONS:
        if found := pattern.fullmatch(stored):
            return make(found.groupdict(), labels)
    return stored


def _low_accuracy(found: dict[str, str], labels: Labels) -> str:
    words = _("Its accuracy of %(now)s is below %(least)s.")
    return words % {"now": _number(found["now"], _percent), "least": _number(found["limit"], _percent)}


def _high_error(found: dict[str, str], labels: Labels) -> str:
    words = _("Its calibration error of %(now)s is above %(most)s.")
    return words % {"now": _number(found["now"], _three_digits), "most": _number(found["limit"], _three_digits)}


def _accuracy_falls(found: dict[str, str], labels: Labels) -> str:
    return _("Accuracy falls from %(was)s to %(now)s.") % _both(found, _percent)


def _macro_f1_falls(found: dict[str, str], labels: Labels) -> str:
    return _("Macro-F1 falls from %(was)s to %(now)s.") % _both(found, _three_digits)


def _recall_falls(found: dict[str, str], labels: Labels) -> str:
    category = "" if found["category"] == NONE else found["category"]
    filled = _both(found, _percent) | {"category": category_name(category, labels)}
    return _("Of the messages in “%(category)s” it finds %(now)s, the one in use %(was)s.") % filled


def _both(found: dict[str, str], words: Callable[[float], str]) -> dict[str, str]:
    return {name: _number(found[name], words) for name in ("was", "now")}


def _number(text: str, words: Callable[[float], str]) -> str:
    try:
        return words(float(text))
    except ValueError:
        return wording.NOTHING


REASONS: Sequence[tuple[re.Pattern[str], Callable[[dict[str, str], Labels], str]]] = (
    (re.compile(r"accuracy (?P<now>\S+) is below (?P<limit>\S+)"), _low_accuracy),
    (re.compile(r"calibration error (?P<now>\S+) is above (?P<limit>\S+)"), _high_error),
    (re.compile(r"accuracy falls from (?P<was>\S+) to (?P<now>\S+)"), _accuracy_falls),
    (re.compile(r"macro_f1 falls from (?P<was>\S+) to (?P<now>\S+)"), _macro_f1_falls),
    (re.compile(r"recall of (?P<category>\S+) falls from (?P<was>\S+) to (?P<now>\S+)"), _recall_falls),
)
