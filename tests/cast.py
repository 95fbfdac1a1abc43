"""The cast: the same named members and customers in every test. A second call returns the same row."""

from typing import Any

from tickets.models import Customer, Message, Team, Ticket, User

PASSWORD = "a long enough password"  # noqa: S105 - tests only


def _person(username: str, first: str, last: str, role: User.Role, *teams: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        email = f"{username}@tallybird.example"
        user = User.objects.create_user(username, email, PASSWORD, first_name=first, last_name=last, role=role)
        user.teams.add(*[team(name) for name in teams])
    return user


def team(name: str = "Support") -> Team:
    return Team.objects.get_or_create(name=name, defaults={"slug": name.lower().replace(" ", "-")})[0]


def mira() -> User:
    return _person("mira", "Mira", "Lindqvist", User.Role.AGENT, "Support")


def jonas() -> User:
    return _person("jonas", "Jonas", "Brandt", User.Role.AGENT, "Support")


def rosa() -> User:
    return _person("rosa", "Rosa", "Marchetti", User.Role.LEAD, "Support")


def ken() -> User:
    return _person("ken", "Ken", "Adeyemi", User.Role.AUTHOR)


def ada() -> User:
    return _person("ada", "Ada", "Novak", User.Role.ADMIN)


def otto() -> User:
    return _person("otto", "Otto", "Weiss", User.Role.AUDITOR)


def tomas() -> Customer:
    defaults = {"name": "Tomas Okafor", "tier": Customer.Tier.PAID, "plan": "Studio", "lifetime_value": 1840}
    return Customer.objects.get_or_create(email="tomas@okafor.example", defaults=defaults)[0]


def lena() -> Customer:
    defaults = {"name": "Lena Haas", "tier": Customer.Tier.FREE, "plan": "Solo"}
    return Customer.objects.get_or_create(email="lena@haas.example", defaults=defaults)[0]


def new_ticket(
    customer: Customer | None = None,
    subject: str = "Charged twice in March",
    text: str = "I was charged twice in March. Will one of the payments disappear?",
    **fields: Any,
) -> Ticket:
    """An open ticket with one customer message. `message_id` belongs to the message, other fields to the ticket."""
    customer = customer or tomas()
    message_id = fields.pop("message_id", None)
    ticket = Ticket.objects.create(customer=customer, subject=subject, preview=text[:160], **fields)
    Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.CUSTOMER,
        text=text,
        from_name=customer.name,
        from_email=customer.email,
        message_id=message_id or f"ticket-{ticket.pk}@{customer.email.split('@')[1]}",
        created_at=ticket.created_at,
    )
    return ticket
