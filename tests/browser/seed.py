"""A small desk for the browser tests: the cast, a team and a few articles. Run inside `manage.py shell`."""

from django.contrib.auth.hashers import make_password

from copilot.models import TriageModel
from knowledge.articles import publishing
from knowledge.index.embeddings import get_embedder
from knowledge.models import Article
from tests.browser.stack import PASSWORD
from tickets.models import Team, User

PEOPLE = [
    ("mira", "Mira", "Lindqvist", "agent"),
    ("jonas", "Jonas", "Brandt", "agent"),
    ("rosa", "Rosa", "Marchetti", "lead"),
    ("ken", "Ken", "Adeyemi", "author"),
    ("ada", "Ada", "Novak", "admin"),
]
ARTICLES = [
    (
        "I see two charges for one subscription",
        "A second line on your card is usually a pending authorisation, not a charge.\n\n"
        "## How long it stays\n\nA pending authorisation is never collected and disappears from the card "
        "within 5 business days.\n\n## Check what was charged\n\nOnly lines marked Paid under "
        "**Settings › Billing › Invoices** were collected.",
    ),
    (
        "How fast calendars update",
        "A new booking reaches Google or Outlook within 5 minutes. Changes made in the calendar come back "
        "every 15 minutes.\n\n## Sync at once\n\n1. Open **Settings › Calendar › Sync**.\n2. Select **Sync now**.",
    ),
    (
        "Reset your password",
        "Select **Forgot password** on the sign-in page and enter your email address.\n\n## The link\n\n"
        "The link works once and for 60 minutes.",
    ),
]


def seed() -> None:
    people()
    no_classifier()
    author = User.objects.get(username="ken")
    for title, body in ARTICLES:
        article = Article.objects.create(title=title, body_md=body, category="billing", owner=author)
        publishing.approve(article, by=author)


def no_classifier() -> None:
    """One was tried today and is not good enough; otherwise one would be trained, and classify tickets meanwhile."""
    TriageModel.objects.create(file=b"", sha256="", embedder=get_embedder().name)


def people() -> None:
    team, _ = Team.objects.get_or_create(name="Billing", slug="billing")
    password = make_password(PASSWORD)  # once: it takes half a second
    for username, first, last, role in PEOPLE:
        user = User.objects.create(
            username=username,
            email=f"{username}@tallybird.example",
            password=password,
            first_name=first,
            last_name=last,
            role=role,
        )
        user.teams.add(team)


LONG = """Hi <NAME>,

The second line on your card is usually a pending authorisation, not a charge [1]. It is never collected and \
disappears from the card within 5 business days [1].

Here is how to check it:

1. Open Settings, then Billing, then Invoices [1].
2. Look for lines that are marked Paid [1].
3. Compare them with the lines on your card statement [1].
4. If a line is marked Paid twice, note its invoice number [1].
5. Write to us with that number, and we will look into it [1].

You will see a refund on the same card that you paid with, under the name of the company [1].

Kind regards,
Tallybird Support"""


def long_drafts(count: int) -> None:
    """Open tickets whose drafts are about as long as drafts become, and a few tags."""
    from copilot.models import Citation, Draft
    from tests.cast import new_ticket, tomas
    from tickets import lifecycle
    from tickets.models import Tag

    article = Article.objects.create(
        title=ARTICLES[0][0], body_md=ARTICLES[0][1], owner=User.objects.get(username="ken")
    )
    publishing.approve(article, by=article.owner)
    for name in ("billing", "calendar", "refund"):
        Tag.objects.get_or_create(name=name)
    chunk, unit = article.chunks.earliest("ordinal"), ARTICLES[0][1].split("\n")[0]
    for n in range(count):
        ticket = new_ticket(tomas(), f"Two charges {n}", "Since Monday I see two charges. How long do they stay?")
        draft = Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.READY, text=LONG)
        Citation.objects.create(
            draft=draft,
            number=1,
            article=article,
            chunk=chunk,
            title=article.title,
            excerpt=unit,
            start=0,
            end=len(unit),
            score=0.8,
            cited=True,
        )
        lifecycle.set_preparation(ticket.pk, "ready")


def prepared_tickets(count: int) -> list[int]:
    """Open tickets whose drafts are ready: rows, not generated, to measure how fast they are shown."""
    from copilot.models import Citation, Draft
    from tests.cast import new_ticket, tomas
    from tickets import lifecycle

    article = Article.objects.published().earliest("id")  # without one the draft's source would count as withdrawn
    numbers = []
    for n in range(count):
        ticket = new_ticket(tomas(), f"Prepared {n}", "How long does a pending charge stay?")
        draft = Draft.objects.create(
            ticket=ticket,
            message=ticket.messages.get(),
            state=Draft.State.READY,
            text="Hi <NAME>,\n\nIt disappears within 5 business days [1].",
        )
        Citation.objects.create(
            draft=draft,
            number=1,
            article=article,
            title="Two charges",
            excerpt="Within 5 business days.",
            score=0.8,
            cited=True,
        )
        lifecycle.set_preparation(ticket.pk, "ready")
        numbers.append(ticket.pk)
    return numbers


def many_tickets(count: int) -> None:
    """As rows, of as many customers as a tenth: nine in ten closed, the rest waiting, with one message each."""
    from datetime import timedelta

    from django.utils import timezone

    from tickets.models import Customer, Message, Ticket

    now = timezone.now()
    everybody = [Customer(name=f"Customer {n}", email=f"c{n}@many.example") for n in range(max(1, count // 10))]
    customers = Customer.objects.bulk_create(everybody, batch_size=5000)
    for start in range(0, count, 5000):
        tickets = []
        for n in range(start, min(count, start + 5000)):
            at, closed = now - timedelta(minutes=5 * n + 60), n % 10 != 0
            tickets.append(
                Ticket(
                    customer=customers[n % len(customers)],
                    subject=f"Question {n} about room {n % 700}",
                    status=Ticket.Status.CLOSED if closed else (Ticket.Status.OPEN, Ticket.Status.PENDING)[n // 10 % 2],
                    priority=n % 3 + 1,
                    created_at=at,
                    waiting_since=at,
                    closed_at=at + timedelta(hours=5) if closed else None,
                )
            )
        made = Ticket.objects.bulk_create(tickets)
        Message.objects.bulk_create(
            Message(
                ticket=ticket, kind="customer", text=f"How do I book room {ticket.pk}?", created_at=ticket.created_at
            )
            for ticket in made
        )


def knowledge_that_needs_care() -> None:
    """Two questions of one kind that no article answers, and two articles that differ in a duration."""
    from knowledge.gaps.recording import record_gap

    for number, query in enumerate(
        ["Can Tallybird send reminders on WhatsApp?", "Is there a way to remind clients on WhatsApp?"], start=1
    ):
        record_gap(f"help:{number}", query, language="en", best_score=0.2)
    author = User.objects.get(username="ken")
    for title, months in (("What SMS credits cost", 12), ("Buy more SMS credits", 6)):
        article = Article.objects.create(
            title=title, body_md=f"SMS credits expire {months} months after you bought them.", owner=author
        )
        publishing.approve(article, by=author)
