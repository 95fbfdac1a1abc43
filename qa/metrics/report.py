"""Everything that the overview and its CSV show, computed from three queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from qa.metrics import metrics
from qa.metrics.metrics import Endings, Median, Share
from qa.metrics.reads import Answered, Ended, Review, Shown, answered_rows, ended_counts, shown_rows
from qa.metrics.selection import Period, Selection


@dataclass(frozen=True)
class Figures:
    """The figures of one set of rows, for example those of a day, an agent or a category."""

    shown: Sequence[Shown]
    answered: Sequence[Answered] = ()
    endings: Endings = Endings()

    @cached_property
    def outcomes(self) -> dict[str, int]:
        return metrics.outcomes(self.shown)

    @cached_property
    def acceptance(self) -> Share:
        return metrics.acceptance(self.shown)

    @cached_property
    def unedited(self) -> Share:
        return metrics.unedited(self.shown)

    @cached_property
    def edit_burden(self) -> Median:
        return metrics.edit_burden(self.shown)

    @cached_property
    def seconds_accepted(self) -> Median:
        return metrics.review_seconds(self.shown, Review.ACCEPTED)

    @cached_property
    def seconds_edited(self) -> Median:
        return metrics.review_seconds(self.shown, Review.EDITED)

    @cached_property
    def first_response(self) -> Median:
        return metrics.first_response(self.answered)

    @cached_property
    def gap_rate(self) -> Share:
        return self.endings.gap_rate


@dataclass(frozen=True)
class Bucket:
    """One day or week."""

    period: Period
    figures: Figures


@dataclass(frozen=True)
class Report:
    selection: Selection
    now: Figures
    before: Figures
    series: list[Bucket]
    by_agent: dict[int | None, Figures]
    by_category: dict[str, Figures]

    @property
    def empty(self) -> bool:
        """No draft was shown or ended and no ticket answered, in this period or the one before."""
        return not any(
            (figures.shown or figures.answered or figures.endings != Endings()) for figures in (self.now, self.before)
        )


def report(selection: Selection) -> Report:
    """Three queries, however long the period and however many agents and categories."""
    return build(selection, shown_rows(selection), ended_counts(selection), answered_rows(selection))


def build(selection: Selection, shown: list[Shown], ended: list[Ended], answered: list[Answered]) -> Report:
    """The report from rows that were read already. Pure."""
    period = selection.period
    halves = (period.before, period)
    shown_before, shown_now = metrics.split(shown, lambda row: row.shown_at, halves)
    answered_before, answered_now = metrics.split(answered, lambda row: row.first_response_at, halves)
    buckets = period.buckets()
    by_bucket = metrics.split(shown_now, lambda row: row.shown_at, buckets)
    answered_by_bucket = metrics.split(answered_now, lambda row: row.first_response_at, buckets)
    return Report(
        selection=selection,
        now=Figures(shown_now, answered_now, metrics.endings(ended, period)),
        before=Figures(shown_before, answered_before, metrics.endings(ended, period.before)),
        series=[
            Bucket(bucket, Figures(part, answers, metrics.endings(ended, bucket)))
            for bucket, part, answers in zip(buckets, by_bucket, answered_by_bucket, strict=True)
        ],
        by_agent=_most_first({agent: Figures(rows) for agent, rows in _by_agent(shown_now).items()}),
        by_category=_by_category(shown_now, [row for row in ended if row.day >= period.first], period),
    )


def _by_agent(rows: list[Shown]) -> dict[int | None, list[Shown]]:
    return metrics.grouped(rows, lambda row: row.agent)


def _by_category(rows: list[Shown], ended: list[Ended], period: Period) -> dict[str, Figures]:
    shown = metrics.grouped(rows, lambda row: row.category)
    categories = shown.keys() | {row.category for row in ended}
    return _most_first(
        {
            category: Figures(
                shown.get(category, []),
                endings=metrics.endings([row for row in ended if row.category == category], period),
            )
            for category in sorted(categories)
        }
    )


def _most_first(groups: dict[metrics.K, Figures]) -> dict[metrics.K, Figures]:
    return dict(sorted(groups.items(), key=lambda group: -len(group[1].shown)))
