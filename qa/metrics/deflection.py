"""How many visits to the help center needed no ticket. Pure, except `read`.

Definition. A *visit* is the first search of a browser and everything that browser does in the next 24 hours; a
search after that starts another visit. A visit is *deflected* when an answer was opened from one of its searches
and no ticket with the same visit key was written within its 24 hours.
Deflection = deflected visits / visits. Unit: share of visits. Visits whose 24 hours are not over are left out,
because they can only get worse.

The rate is an upper bound. Visitors who open an article and then write an email, call, use another browser, block
cookies or give up count as deflected: an email carries no visit key, so the two cannot be matched.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Q
from django.utils import timezone

from knowledge.models import HelpRead, HelpSearch, HelpVote
from qa.metrics.metrics import Share, wilson
from qa.metrics.selection import Period
from tickets.models import Ticket

WINDOW = timedelta(hours=24)
LISTED = 50  # unanswered searches, articles with votes
COMMENTS = 3  # per article


@dataclass(frozen=True)
class Searched:
    id: int
    visit: UUID
    at: datetime
    found: int


@dataclass(frozen=True)
class Visit:
    """The first search of a browser and the 24 hours after it."""

    visit: UUID
    start: datetime
    searches: int
    answered: int
    opened: bool
    ticket: bool

    @property
    def end(self) -> datetime:
        return self.start + WINDOW

    @property
    def deflected(self) -> bool:
        return self.opened and not self.ticket


@dataclass(frozen=True)
class Figures:
    """Figures of the visits that started in one period and whose 24 hours are over."""

    visits: Sequence[Visit]

    @property
    def searches(self) -> int:
        return sum(each.searches for each in self.visits)

    @property
    def answered(self) -> Share:
        """Searches that found an article / searches."""
        return Share(sum(each.answered for each in self.visits), self.searches)

    @property
    def opened(self) -> Share:
        """Visits that opened an article from a search / visits."""
        return self._share(sum(each.opened for each in self.visits))

    @property
    def tickets(self) -> Share:
        """Visits that wrote a ticket within 24 hours / visits."""
        return self._share(sum(each.ticket for each in self.visits))

    @property
    def deflected(self) -> Share:
        """Visits that opened an article and wrote no ticket within 24 hours / visits."""
        return self._share(sum(each.deflected for each in self.visits))

    @property
    def neither(self) -> int:
        """Visits without an opened answer and without a ticket. Unit: visits."""
        return sum(not each.opened and not each.ticket for each in self.visits)

    def _share(self, part: int) -> Share:
        return Share(part, len(self.visits))


@dataclass(frozen=True)
class Votes:
    article: int
    title: str
    helped: int
    not_helped: int
    comments: list[str]

    @property
    def worst(self) -> float:
        """Lower end of the 95% interval (Wilson) of the share of “no”: 3 of 3 votes is worse than 1 of 1."""
        return wilson(self.not_helped, self.helped + self.not_helped)[0]


@dataclass(frozen=True)
class Unanswered:
    query: str
    times: int
    last: datetime


@dataclass(frozen=True)
class Deflection:
    """Everything on the page."""

    period: Period
    now: Figures
    weeks: list[tuple[Period, Figures]]
    running: int  # visits of the period whose 24 hours are not over yet
    unanswered: list[Unanswered]
    votes: list[Votes]


def visits(searches: Iterable[Searched], opened: set[int], tickets: Mapping[UUID, Sequence[datetime]]) -> list[Visit]:
    """Groups searches (in any order) into visits, sorted by start. `opened`: ids of searches with an opened answer."""
    by_browser: dict[UUID, list[Searched]] = defaultdict(list)
    for search in sorted(searches, key=lambda each: (each.at, each.id)):
        by_browser[search.visit].append(search)
    found: list[Visit] = []
    for rows in by_browser.values():
        for group in _windows(rows):
            start = group[0].at
            written = any(start <= at <= start + WINDOW for at in tickets.get(group[0].visit, ()))
            answered = sum(row.found > 0 for row in group)
            was_opened = any(row.id in opened for row in group)
            found.append(Visit(group[0].visit, start, len(group), answered, was_opened, written))
    return sorted(found, key=lambda each: each.start)


def _windows(rows: Sequence[Searched]) -> list[list[Searched]]:
    groups: list[list[Searched]] = []
    for row in rows:
        if groups and row.at - groups[-1][0].at <= WINDOW:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def within(found: Iterable[Visit], period: Period, now: datetime) -> list[Visit]:
    """The visits that started in the period and are over."""
    return [each for each in found if period.start <= each.start < period.end and each.end <= now]


def weeks(period: Period) -> list[Period]:
    """The weeks of a period, from Monday to Sunday. The first and last may be shorter."""
    cut: list[Period] = []
    first: date = period.first
    while first <= period.last:
        last = min(first + timedelta(days=6 - first.weekday()), period.last)
        cut.append(Period(first, last))
        first = last + timedelta(days=1)
    return cut


def read(period: Period) -> Deflection:
    """Six queries, however long the period."""
    now = timezone.now()
    everything = visits(*_rows(period))
    started = [each for each in everything if period.start <= each.start < period.end]
    over = within(started, period, now)
    return Deflection(
        period=period,
        now=Figures(over),
        weeks=[(week, Figures(within(over, week, now))) for week in weeks(period)],
        running=len(started) - len(over),
        unanswered=_unanswered(period),
        votes=_votes(period),
    )


def _rows(period: Period) -> tuple[list[Searched], set[int], dict[UUID, list[datetime]]]:
    """All searches of browsers that searched in the period: where a visit starts depends on earlier searches."""
    of_period = HelpSearch.objects.filter(searched_at__gte=period.start, searched_at__lt=period.end).order_by()
    browsers = of_period.values("visit")
    rows = HelpSearch.objects.filter(visit__in=browsers).order_by()
    searches = [Searched(*row) for row in rows.values_list("pk", "visit__key", "searched_at", "found").iterator()]
    reads = HelpRead.objects.filter(visit__in=browsers, search__isnull=False).order_by()
    opened = set(reads.values_list("search", flat=True))
    tickets: dict[UUID, list[datetime]] = defaultdict(list)
    written = Ticket.objects.filter(help_visit__isnull=False, created_at__gte=period.start - WINDOW).order_by()
    for key, at in written.values_list("help_visit", "created_at"):
        if key is not None:
            tickets[key].append(at)
    return searches, opened, dict(tickets)


def _unanswered(period: Period) -> list[Unanswered]:
    rows = HelpSearch.objects.filter(found=0, searched_at__gte=period.start, searched_at__lt=period.end).order_by()
    counted = rows.values("query").annotate(times=Count("pk"), last=Max("searched_at")).order_by("-times", "-last")
    return [Unanswered(**row) for row in counted[:LISTED]]


def _votes(period: Period) -> list[Votes]:
    """Articles with votes, the least helpful first."""
    rows = HelpVote.objects.filter(voted_at__gte=period.start, voted_at__lt=period.end)
    counted = (
        rows.order_by()
        .values("article", published=F("article__published__title"), title=F("article__title"))
        .annotate(yes=Count("pk", filter=Q(helped=True)), no=Count("pk", filter=Q(helped=False)))
    )
    comments: dict[int, list[str]] = defaultdict(list)
    said = rows.exclude(comment="").order_by("-voted_at").values_list("article", "comment")[: 20 * LISTED]
    for article, comment in said:
        if len(comments[article]) < COMMENTS:
            comments[article].append(comment)
    found = [
        Votes(row["article"], row["published"] or row["title"], row["yes"], row["no"], comments[row["article"]])
        for row in counted
    ]
    return sorted(found, key=lambda each: (-each.worst, -each.not_helped, each.helped, each.title))[:LISTED]
