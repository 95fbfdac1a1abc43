"""The gap rate by week as SVG."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config import formats
from qa.charts import share_columns
from qa.charts.share_columns import Column, Plot
from qa.metrics.report import Bucket


def gap_rate(series: Sequence[Bucket], links: Sequence[str]) -> list[SafeString]:
    """One column per week: drafts without a source / drafts written to the end. Weeks without a draft have none."""
    columns = [_column(bucket, link) for bucket, link in zip(series, links, strict=True)]
    known = [column.share.rate or 0.0 for column in columns if column.share.whole]
    words = _("Share of drafts without a source, one column per week.")
    if known:
        latest = _("In the last week with drafts it was %(percent)s.") % {"percent": formats.percent(known[-1])}
        words = f"{words} {latest}"
    return share_columns.drawn(Plot("gaps", _("Gap rate by week"), words, "gap-bar"), columns)


def _column(bucket: Bucket, link: str) -> Column:
    day, share = formats.day_month(bucket.period.first), bucket.figures.gap_rate
    said = _("Week of %(day)s: %(part)d of %(whole)d drafts without a source") % {
        "day": day,
        "part": share.part,
        "whole": share.whole,
    }
    return Column(day, share, link, said)
