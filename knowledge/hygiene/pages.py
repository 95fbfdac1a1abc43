"""What in the knowledge base wants care, with the reason in words. Decided purely from rows read once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from knowledge.articles.translations import out_of_date
from knowledge.hygiene.edits import Editing, editing
from knowledge.hygiene.usage import Usage, period, usage
from knowledge.models import Article, Finding

UNUSED_AFTER = timedelta(days=30)
LEAST_RETRIEVALS = 3
REJECTED_SHARE = 0.3
REVIEW_MONTHS = 6

SECTIONS = {
    "stale": "Stale",
    "expired": "Expired",
    "unused": "Never retrieved",
    "rejected": "Retrieved but rejected",
    "duplicates": "Duplicates",
    "contradictions": "Contradictions",
    "translations": "Outdated translations",
}
TEACH = {
    "stale": "Articles past their review date, and articles whose drafts agents edit more and more, are listed here.",
    "expired": "An expired article grounds no draft. It is listed here until somebody renews or archives it.",
    "unused": "Published for more than 30 days and not found for a single draft in 90: too narrow, badly titled, or"
    " simply not needed. Such articles are listed here.",
    "rejected": "Articles found for at least 3 drafts of which agents rejected 30% or more are listed here.",
    "duplicates": "Passages that say nearly the same in nearly the same words are listed here, so that only one of"
    " them has to be kept up to date.",
    "contradictions": "Passages on the same thing that differ in a number, a date, a duration, a price, or in yes and"
    " no are listed here. They are found by rules, at once for an article that is published and every day for all.",
    "translations": "A translation whose original has changed since is listed here.",
}


@dataclass(frozen=True)
class Row:
    """One article that wants care, and why."""

    article: Article
    why: str


@dataclass(frozen=True)
class Report:
    rows: Mapping[str, list[Row]]
    findings: Mapping[str, int]

    def count(self, section: str) -> int:
        if section in ("duplicates", "contradictions"):
            return self.findings.get(section.removesuffix("s"), 0)
        return len(self.rows[section])


def report(now: datetime) -> Report:
    """Four queries, whatever the number of articles."""
    articles = list(
        Article.objects.filter(state=Article.State.APPROVED, published__isnull=False)
        .select_related("owner", "translation_of")
        .defer("body_md", "translation_of__body_md")
    )
    used = usage([article.pk for article in articles], period(now))
    open_findings = Finding.objects.filter(state=Finding.State.OPEN).order_by().values_list("kind", flat=True)
    kinds = list(open_findings)
    return Report(
        rows=sections(articles, used, editing(now), now), findings={kind: kinds.count(kind) for kind in set(kinds)}
    )


def sections(
    articles: Iterable[Article], used: Mapping[int, Usage], edited: Mapping[int, Editing], now: datetime
) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {name: [] for name in SECTIONS}
    for article in articles:
        for name, why in reasons(article, used.get(article.pk, Usage()), edited.get(article.pk), now):
            found[name].append(Row(article, why))
    return found


def reasons(article: Article, used: Usage, edited: Editing | None, now: datetime) -> list[tuple[str, str]]:
    """(section, why) for one published article. Pure."""
    found = []
    today = timezone.localdate(now)
    expired = article.expires_at is not None and article.expires_at <= now
    if expired and article.expires_at:
        found.append(("expired", f"Expired on {_day(timezone.localdate(article.expires_at))}: it grounds no draft."))
    if article.review_by and article.review_by < today:
        late = (today - article.review_by).days
        days = "day" if late == 1 else "days"
        found.append(("stale", f"Review was due on {_day(article.review_by)}, {late} {days} ago."))
    if edited and edited.rising:
        found.append(("stale", _edited_more(edited)))
    old = article.published_at is not None and article.published_at < now - UNUSED_AFTER
    if old and not expired and not used.retrieved:
        found.append(("unused", "Not found for a single draft in 90 days."))
    judged = used.judged
    if used.retrieved >= LEAST_RETRIEVALS and judged and used.rejected / judged >= REJECTED_SHARE:
        share = round(100 * used.rejected / judged)
        found.append(
            (
                "rejected",
                f"Found for {used.retrieved} drafts; {used.rejected} of {judged} judged were rejected ({share}%).",
            )
        )
    if out_of_date(article) and article.translation_of:
        found.append(("translations", f"“{article.translation_of.title}” has changed since it was translated."))
    return found


def _edited_more(edited: Editing) -> str:
    return (
        f"Drafts that cite it are edited more and more: median edit distance {edited.now:.2f} in the last 4 weeks,"
        f" {edited.before:.2f} in the 4 before."
    )


def _day(day: date) -> str:
    return f"{day:%-d %b %Y}"


def months_later(day: date, months: int = REVIEW_MONTHS) -> date:
    """The same day so many months later, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))
