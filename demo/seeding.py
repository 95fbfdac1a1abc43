"""Fills an empty Copydesk with the last 90 days of the invented company Tallybird."""

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from config.jobs import SLOW, queue
from copilot.models import Draft
from demo import content, drafts, escalations, help_visits, history, people, routing
from knowledge.articles import importing
from knowledge.models import Article, Gap, Revision
from tickets import search
from tickets.mail import attachments
from tickets.models import Attachment, Customer, InboundMail, Message, Ticket, TicketEvent, Upload

# Before the oldest ticket, so that the sources of every draft in the history existed.
ARTICLES_WRITTEN = timedelta(days=120)


@dataclass(frozen=True)
class Seeded:
    articles: int
    customers: int
    tickets: int
    messages: int
    drafts: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


def is_seeded() -> bool:
    return Ticket.objects.exists() or Customer.objects.exists()


def seed() -> Seeded:
    """Write everything. Articles come first, outside the transaction of the tickets."""
    now = timezone.now()
    users, teams = people.make_staff()
    routing.save_rules(teams)
    importing.import_articles(content.ARTICLES, approve=True)
    _date_articles_back()
    with transaction.atomic():
        cast = history.Cast(users, teams, people.make_customers(now), now)
        stories = history.write(content.tickets(), cast, drafts.replies(content.tickets()))
        events = drafts.write(stories, drafts.sources())
        events += escalations.write(stories, cast)
        events += [event for story in stories for event in history.timeline(story)]
        TicketEvent.objects.bulk_create(sorted(events, key=lambda event: event.at), batch_size=300)
        help_visits.write(now)
        queue("demo.tasks.first_look", lane=SLOW)
    return counts()


def counts() -> Seeded:
    models = (Article, Customer, Ticket, Message, Draft)
    return Seeded(*(model.objects.count() for model in models))


def clear() -> None:
    """Remove tickets, customers and mail. Members, articles and settings stay."""
    stored = [*Attachment.objects.all(), *Upload.objects.all()]
    with transaction.atomic():
        search.forget_all()
        Gap.objects.filter(asked_in__startswith="ticket:").delete()
        help_visits.clear()
        InboundMail.objects.all().delete()
        Ticket.objects.all().delete()
        Customer.objects.all().delete()
    attachments.delete_files(stored)


def _date_articles_back() -> None:
    """Only articles that were imported just now. Later changes by authors keep their time."""
    since = timezone.now() - timedelta(minutes=5)
    fresh = Article.objects.filter(created_at__gte=since, external_id__isnull=False)
    Revision.objects.filter(article__in=fresh).update(created_at=timezone.now() - ARTICLES_WRITTEN)
    then = timezone.now() - ARTICLES_WRITTEN
    fresh.filter(published__isnull=False).update(published_at=then)
    fresh.update(created_at=then)
