"""The members and customers of the demo."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password

from demo import content
from tickets.models import Customer, Team, User

PASSWORD = "copydesk-demo"  # noqa: S105 - published on purpose; checks.py keeps the demo on loopback
TEAMS = {
    "billing": ("Billing", "Subscriptions, invoices, refunds"),
    "technical": ("Technical", "Bookings, calendars, imports, the API"),
    "account-care": ("Account care", "Logins, privacy, ideas and complaints"),
}
STAFF = [
    ("mira", "Mira", "Lindqvist", User.Role.AGENT, ["billing", "account-care"]),
    ("jonas", "Jonas", "Brandt", User.Role.AGENT, ["technical"]),
    ("aisha", "Aisha", "Rahman", User.Role.AGENT, ["account-care", "technical"]),
    ("rosa", "Rosa", "Marchetti", User.Role.LEAD, list(TEAMS)),
    ("ken", "Ken", "Adeyemi", User.Role.AUTHOR, []),
    ("ada", "Ada", "Novak", User.Role.ADMIN, []),
    ("otto", "Otto", "Weiss", User.Role.AUDITOR, []),
]


def team_slug(name: str) -> str:
    return "account-care" if name == "account" else name


def make_staff() -> tuple[dict[str, User], dict[str, Team]]:
    """Members by username and teams by slug. Existing ones are not changed."""
    teams = {
        slug: Team.objects.get_or_create(slug=slug, defaults={"name": name, "description": text})[0]
        for slug, (name, text) in TEAMS.items()
    }
    password = make_password(PASSWORD)  # once, because hashing is slow on purpose
    users = {}
    for username, first, last, role, member_of in STAFF:
        user, created = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@tallybird.example",
                "role": role,
                "password": password,
            },
        )
        if created:
            user.teams.set([teams[slug] for slug in member_of])
        users[username] = user
    return users, teams


def make_customers(now: datetime) -> dict[str, Customer]:
    """Customers by their key in customers.json."""
    rows = [
        Customer(
            name=entry["name"],
            email=entry["email"],
            phone=entry.get("phone", ""),
            plan=entry.get("plan", ""),
            tier=entry["tier"],
            lifetime_value=Decimal(str(entry.get("lifetime_value", 0))),
            language=entry.get("language", ""),
            since=(now - timedelta(days=entry.get("since_days", 0))).date(),
            created_at=now - timedelta(days=min(entry.get("since_days", 0), 400)),
        )
        for entry in content.customers()
    ]
    made = Customer.objects.bulk_create(rows)
    return {entry["key"]: row for entry, row in zip(content.customers(), made, strict=True)}
