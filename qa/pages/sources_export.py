"""CSV of the page on sources: its articles, and its figures with one per row."""

from collections.abc import Iterator, Sequence

from qa.metrics import sources
from qa.metrics.coverage import Row
from qa.metrics.metrics import Share
from qa.metrics.report import Report
from qa.metrics.sources import Source
from qa.pages import wording

ARTICLE_HEAD = (
    "article",
    "title",
    "category",
    "language",
    "audience",
    "state",
    "owner",
    "review_by",
    "used_in_drafts",
    "why_not",
)
FIGURE_HEAD = ("section", "name", "figure", "value", "count", "of")


def articles(found: Sequence[Source]) -> Iterator[Sequence[object]]:
    yield ARTICLE_HEAD
    for each in found:
        row = each.article
        due = row.review_by.isoformat() if row.review_by else None
        owner = row.owner.name if row.owner else ""
        yield (
            *(row.pk, row.title, row.category, row.language, row.audience, row.state, owner, due),
            *("yes" if each.usable else "no", each.why_not),
        )


def figures(found: Sequence[Source], rows: Sequence[Row], report: Report) -> Iterator[Sequence[object]]:
    yield FIGURE_HEAD
    fresh = sources.freshness(found)
    yield _share("freshness", "", "reviewed in time", fresh.in_time)
    yield ("freshness", "", "overdue", fresh.overdue, None, None)
    yield ("freshness", "", "no review date", fresh.undated, None, None)
    for _, name, count in sources.owners(found):
        yield ("owner", name, "articles", count, None, None)
    for row in rows:
        name = wording.category_in_files(row.category)
        yield ("category", name, "tickets", row.tickets, None, None)
        yield ("category", name, "articles", row.articles, None, None)
        for figure, share in (("found a source", row.found), ("gap rate", row.gaps), ("acceptance", row.acceptance)):
            yield _share("category", name, figure, share)
    for bucket in report.series:
        yield _share("week", bucket.period.first.isoformat(), "gap rate", bucket.figures.gap_rate)


def _share(section: str, name: str, figure: str, share: Share) -> Sequence[object]:
    return (section, name, figure, share.rate, share.part, share.whole)
