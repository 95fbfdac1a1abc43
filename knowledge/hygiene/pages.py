"""What needs care in the articles, section by section, with the reason for each article."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from knowledge.articles.translations import out_of_date
from knowledge.hygiene.edits import Editing, editing
from knowledge.hygiene.usage import Usage, period, usage
from knowledge.models import Article, Finding

UNUSED_AFTER = timedelta(days=30)
MIN_RETRIEVALS = 3
REJECTED_SHARE = 0.3
REVIEW_MONTHS = 6

Texts = Mapping[str, str | Promise]
SECTIONS: Texts = {
    "review": gettext_lazy("Needs review"),
    "expired": gettext_lazy("Expired"),
    "unused": gettext_lazy("Never used"),
    "rejected": gettext_lazy("Often rejected"),
    "duplicates": gettext_lazy("Duplicates"),
    "contradictions": gettext_lazy("Contradictions"),
    "translations": gettext_lazy("Outdated translations"),
}
EXPLANATIONS: Texts = {
    "review": gettext_lazy(
        "Lists articles past their review date, and articles cited in drafts that agents edit more and more."
    ),
    "expired": gettext_lazy("Lists articles that have expired. They are not used for drafts until you renew them."),
    "unused": gettext_lazy(
        "Lists articles published for more than 30 days that no draft used in 90 days. They may be too narrow, have"
        " unclear titles, or not be needed."
    ),
    "rejected": gettext_lazy("Lists articles found for at least 3 drafts, with a rejection rate of at least 30%."),
    "duplicates": gettext_lazy(
        "Lists passages that say the same in nearly the same words. If you keep only one, only one needs updates."
    ),
    "contradictions": gettext_lazy(
        "Lists passages on the same subject that differ in a number, date, duration or price, or where one says yes"
        " and the other no. Rules find them when an article is published, and once a day in all articles."
    ),
    "translations": gettext_lazy("Lists translations whose original has changed since."),
}


@dataclass(frozen=True)
class Row:
    """One article that needs care, and why."""

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
        day = {"day": _day(timezone.localdate(article.expires_at))}
        found.append(("expired", _("Expired on %(day)s. It is no longer used for drafts.") % day))
    if article.review_by and article.review_by < today:
        found.append(("review", _overdue(article.review_by, today)))
    if edited and edited.rising:
        found.append(("review", _edited_more(edited)))
    old = article.published_at is not None and article.published_at < now - UNUSED_AFTER
    if old and not expired and not used.retrieved:
        found.append(("unused", _("Not used for any draft in 90 days.")))
    judged = used.judged
    if used.retrieved >= MIN_RETRIEVALS and judged and used.rejected / judged >= REJECTED_SHARE:
        found.append(("rejected", _often_rejected(used)))
    if out_of_date(article) and article.translation_of:
        title = {"title": article.translation_of.title}
        found.append(("translations", _("“%(title)s” has changed since it was translated.") % title))
    return found


def _overdue(due: date, today: date) -> str:
    days = (today - due).days
    text = ngettext(
        "Review was due on %(day)s, %(count)d day ago.", "Review was due on %(day)s, %(count)d days ago.", days
    )
    return text % {"day": _day(due), "count": days}


def _often_rejected(used: Usage) -> str:
    values = {"drafts": used.retrieved, "rejected": used.rejected, "judged": used.judged}
    values["percent"] = round(100 * used.rejected / used.judged)
    return (
        _(
            "Found for %(drafts)d drafts. Agents rejected %(rejected)d of the %(judged)d reviewed drafts that cited it"
            " (%(percent)d%%)."
        )
        % values
    )


def _edited_more(edited: Editing) -> str:
    distances = {"now": floatformat(edited.now, 2), "before": floatformat(edited.before, 2)}
    return (
        _(
            "Drafts that cite it are edited more and more: the median edit distance was %(now)s in the last 4 weeks and"
            " %(before)s in the 4 weeks before."
        )
        % distances
    )


def _day(day: date) -> str:
    return date_format(day, "SHORT_DATE_FORMAT")


def months_later(day: date, months: int = REVIEW_MONTHS) -> date:
    """The same day of the month, or its last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))
