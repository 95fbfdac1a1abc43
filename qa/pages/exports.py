"""CSV of the figures and of the rows that a figure counts: safe to open in a spreadsheet, English in every language."""

import csv
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

from asgiref.sync import sync_to_async
from django.utils.translation import override

from copilot.models import Draft
from copilot.redaction import Masker
from copilot.redaction.values import person_of
from qa.metrics import metrics
from qa.metrics.metrics import Median, Share
from qa.metrics.report import Figures, Report
from qa.metrics.selection import Period
from qa.pages import listing, wording
from qa.pages.listing import DraftRow, FigureList, Page, TicketRow
from tickets.models import Ticket

BATCH = 500  # rows per query of a streamed list
# A spreadsheet takes a cell that starts like this for a formula (OWASP, "CSV injection"). An apostrophe makes it text.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
FIGURE_HEAD = ("section", "from", "to", "name", "figure", "value", "unit", "count", "of", "low_95", "high_95")
DRAFT_HEAD = (
    *("draft", "ticket", "subject", "category", "agent", "written", "outcome", "reason"),
    *("edit_distance", "seconds", "shown_at", "judged_at", "finished_at"),
)
TICKET_HEAD = ("ticket", "subject", "category", "agent", "seconds", "created_at", "first_response_at")


class Line:
    """Makes `csv.writer` return each line."""

    def write(self, text: str) -> str:
        return text


def cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, float):
        return round(value, 4)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(Line())
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def text(rows: Iterable[Sequence[object]]) -> str:
    """The whole file. Names in it are English, because programs read them."""
    with override("en"):
        return "".join(lines(rows))


def figures(report: Report, members: Mapping[int, str]) -> Iterator[Sequence[object]]:
    """Every figure of the overview, one per row: both periods, days or weeks, agents, categories."""
    period = report.selection.period
    yield FIGURE_HEAD
    yield from _figures("period", period, "", report.now)
    yield from _figures("period before", period.before, "", report.before)
    labels = {reason.value: str(reason.label) for reason in Draft.Reason}
    for reason, count in metrics.reasons(report.now.shown).items():
        yield figure_row("rejected by reason", period, labels.get(reason, reason), "rejected", count, "drafts")
    for place, count in enumerate(metrics.distance_classes(report.now.shown)):
        name = f"{place / 10:.1f} to {(place + 1) / 10:.1f}"
        yield figure_row("edited by edit distance", period, name, "edited", count, "drafts")
    for bucket in report.series:
        yield from _figures(period.step, bucket.period, "", bucket.figures)
    for agent, found in report.by_agent.items():
        yield from _reviews("agent", period, wording.member_name(agent, members), found)
    for category, found in report.by_category.items():
        name = wording.category_in_files(category)
        yield from _reviews("category", period, name, found)
        yield share_row("category", period, name, "no source", found.gap_rate)


def _figures(section: str, period: Period, name: str, found: Figures) -> Iterator[Sequence[object]]:
    yield from _reviews(section, period, name, found)
    yield _median(section, period, name, "first response", found.first_response, "seconds")
    yield share_row(section, period, name, "no source", found.gap_rate)
    for ending in ("by_rule", "failed", "stopped", "unopened"):
        yield figure_row(section, period, name, ending.replace("_", " "), getattr(found.endings, ending), "drafts")


def _reviews(section: str, period: Period, name: str, found: Figures) -> Iterator[Sequence[object]]:
    yield figure_row(section, period, name, "shown", len(found.shown), "drafts")
    for outcome, count in found.outcomes.items():
        yield figure_row(section, period, name, outcome, count, "drafts")
    yield share_row(section, period, name, "acceptance", found.acceptance)
    yield share_row(section, period, name, "unedited", found.unedited)
    yield _median(section, period, name, "edit burden", found.edit_burden, "distance 0 to 1")
    yield _median(section, period, name, "review time accepted", found.seconds_accepted, "seconds")
    yield _median(section, period, name, "review time edited", found.seconds_edited, "seconds")


def figure_row(
    section: str, period: Period, name: str, figure: str, value: object, unit: str, *more: object
) -> list[object]:
    filled = [*more, *[None] * (4 - len(more))]
    return [section, period.first.isoformat(), period.last.isoformat(), name, figure, value, unit, *filled]


def share_row(section: str, period: Period, name: str, figure: str, share: Share) -> list[object]:
    interval = share.interval if share.whole else (None, None)
    return figure_row(section, period, name, figure, share.rate, "share", share.part, share.whole, *interval)


def _median(section: str, period: Period, name: str, figure: str, found: Median, unit: str) -> list[object]:
    return figure_row(section, period, name, figure, found.value, unit, found.of)


async def rows(listed: FigureList) -> AsyncIterator[str]:
    """The list, batch by batch: a slow reader must not keep a database cursor open."""
    heading: Sequence[object] = TICKET_HEAD if listed.tickets else DRAFT_HEAD
    for line in lines([heading]):
        yield line
    after, more = "", True
    while more:
        page = await sync_to_async(listing.page)(listed, after, BATCH)
        for line in await sync_to_async(_lines)(listed, page):
            yield line
        after, more = page.after, bool(page.after)


def _lines(listed: FigureList, page: Page) -> list[str]:
    return list(lines([_ticket(row) if listed.tickets else _draft(row) for row in page.rows]))


def _subject(ticket: Ticket) -> str:
    """Masked: nobody knows where a file goes, and erasing the ticket does not reach it."""
    return Masker(person_of(ticket)).mask(ticket.subject)


def _draft(row: DraftRow) -> list[object]:
    draft = row.draft
    moments = (draft.shown_at, draft.reviewed_at, draft.finished_at)
    return [
        *(
            draft.pk,
            draft.ticket_id,
            _subject(row.ticket),
            row.ticket.category_id,
            row.agent,
            draft.state,
            draft.review,
        ),
        *(draft.reason, draft.edit_distance, row.seconds),
        *(moment.isoformat(timespec="seconds") if moment else None for moment in moments),
    ]


def _ticket(row: TicketRow) -> list[object]:
    ticket = row.ticket
    moments = (ticket.created_at, row.at)
    return [
        *(ticket.pk, _subject(ticket), ticket.category_id, row.agent, row.seconds),
        *(moment.isoformat(timespec="seconds") for moment in moments),
    ]
