"""What the help center spared: searches that led to an answer and to no ticket. Pure but for `read`.

Definition. A *visit* here is a first search of one browser and everything it does in the 24 hours after
it; the next search after those begins another one. It is *deflected* when an answer was opened from one of its
searches and no ticket with the same visit key was written within its 24 hours. Rate = deflected / visits.
Visits whose 24 hours have not passed yet are left out: they could only look better than they will be.

What it cannot know: whoever opens an answer and then writes by e-mail, by telephone, from another browser
or without cookies counts as deflected. An e-mail carries no visit key, so the two cannot be matched.
The rate is therefore an upper bound; whoever gives up without writing is in it as well.
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
    """A first search and its 24 hours."""

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
    """Counts of the visits that started in one period and are over."""

    visits: Sequence[Visit]

    @property
    def searches(self) -> int:
        return sum(each.searches for each in self.visits)

    @property
    def answered(self) -> Share:
        """Searches with at least one good answer / searches."""
        return Share(sum(each.answered for each in self.visits), self.searches)

    @property
    def opened(self) -> Share:
        """Visits that opened an answer from a search / visits."""
        return self._share(sum(each.opened for each in self.visits))

    @property
    def tickets(self) -> Share:
        """Visits that wrote a ticket within 24 hours / visits."""
        return self._share(sum(each.ticket for each in self.visits))

    @property
    def deflected(self) -> Share:
        """Visits that opened an answer and wrote no ticket within 24 hours / visits."""
        return self._share(sum(each.deflected for each in self.visits))

    @property
    def left(self) -> int:
        """Visits that opened nothing and wrote nothing."""
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
        """The least share of “no” that its few votes allow (Wilson, 95%): three of three is worse than one of one."""
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
    running: int  # visits of the period whose 24 hours are not over
    unanswered: list[Unanswered]
    votes: list[Votes]


def visits(searches: Iterable[Searched], opened: set[int], tickets: Mapping[UUID, Sequence[datetime]]) -> list[Visit]:
    """Searches (in any order) cut into visits, in order of their start. `opened` are ids of searches."""
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
    """Those that started in the period and are over."""
    return [each for each in found if period.start <= each.start < period.end and each.end <= now]


def weeks(period: Period) -> list[Period]:
    """From Monday to Sunday; the outer ones may be shorter."""
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
    """Whole histories of the browsers that searched in the period: where a visit begins depends on those before."""
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
    """Articles by how little they helped, the worst first."""
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
