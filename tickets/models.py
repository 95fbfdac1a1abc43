"""System of record: who wrote, what was said, what was done. Knows no AI."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone


class User(AbstractUser):
    """A member of the support team. The role decides what can be opened (tickets/access.py)."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        LEAD = "lead", "Team lead"
        AUTHOR = "author", "KB author"
        ADMIN = "admin", "Admin"
        AUDITOR = "auditor", "Auditor"

    class Theme(models.TextChoices):
        SYSTEM = "system", "Like the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    # What a role may change in the admin, by app label.
    ADMIN_APPS: dict[str, set[str]] = {
        Role.AUTHOR: {"knowledge"},
        Role.LEAD: {"knowledge", "tickets"},
        Role.ADMIN: {"knowledge", "tickets", "copilot", "django_q", "axes"},
    }

    role = models.CharField(max_length=16, choices=Role, default=Role.AGENT)
    teams = models.ManyToManyField("Team", related_name="members", blank=True)  # type: ignore[var-annotated]
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    single_keys = models.BooleanField("single-letter keys", default=True)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="last sign of an open desk")

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def works_tickets(self) -> bool:
        return self.is_active and (self.is_superuser or self.role in {self.Role.AGENT, self.Role.LEAD, self.Role.ADMIN})

    @property
    def leads(self) -> bool:
        return self.is_active and (self.is_superuser or self.role in {self.Role.LEAD, self.Role.ADMIN})

    @property
    def writes_articles(self) -> bool:
        return self.is_active and (
            self.is_superuser or self.role in {self.Role.AUTHOR, self.Role.LEAD, self.Role.ADMIN}
        )

    @property
    def may_enter_admin(self) -> bool:
        return self.is_active and (self.is_superuser or self.role in self.ADMIN_APPS)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and (self.is_superuser or app_label in self.ADMIN_APPS.get(self.role, set()))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.has_module_perms(perm.split(".", 1)[0])


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    description = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    class Tier(models.TextChoices):
        FREE = "free", "Free"
        PAID = "paid", "Paid"
        ENTERPRISE = "enterprise", "Enterprise"

    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(max_length=254)
    phone = models.CharField(max_length=40, blank=True)
    plan = models.CharField(max_length=80, blank=True)
    tier = models.CharField(max_length=12, choices=Tier, default=Tier.FREE)
    lifetime_value = models.DecimalField(max_digits=12, decimal_places=2, default=0, help_text="in euros")
    language = models.CharField(max_length=8, blank=True, help_text="ISO 639-1 code of the customer's language")
    since = models.DateField(default=timezone.localdate)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="customer_email_once"),
            models.CheckConstraint(condition=Q(lifetime_value__gte=0), name="customer_value_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def new_token() -> str:
    return secrets.token_hex(8)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def for_queue(self) -> "TicketQuerySet":
        """Everything a queue row shows, in a constant number of queries, in queue order."""
        return (
            self.select_related("customer", "assignee", "team")
            .prefetch_related("tags")
            .order_by("-priority", "waiting_since", "id")
        )

    def unclosed(self) -> "TicketQuerySet":
        return self.exclude(status=Ticket.Status.CLOSED)

    def open(self) -> "TicketQuerySet":
        return self.filter(status=Ticket.Status.OPEN)


class Ticket(models.Model):
    """`open`: we owe the next step. `pending`: the customer does. `closed`: nobody does."""

    class Status(models.TextChoices):
        OPEN = "open", "Open"
        PENDING = "pending", "Waiting for customer"
        CLOSED = "closed", "Closed"

    class Priority(models.IntegerChoices):
        LOW = 1, "Low"
        NORMAL = 2, "Normal"
        HIGH = 3, "High"
        URGENT = 4, "Urgent"

    class Channel(models.TextChoices):
        EMAIL = "email", "Email"
        WEB = "web", "Web form"
        API = "api", "API"

    class Preparation(models.TextChoices):
        """What waits for the agent on opening. Written by whoever prepares replies."""

        NONE = "", "Nothing"
        WAITING = "waiting", "Draft waits"
        WORKING = "working", "Being written"
        READY = "ready", "Draft ready"
        NO_SOURCE = "no_source", "No source"
        DELAYED = "delayed", "Draft delayed"

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets")
    subject = models.CharField(max_length=300)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    category = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    language = models.CharField(max_length=8, blank=True)
    # The help center visit it was written from (a random key): whoever counts deflection looks for it.
    help_visit = models.UUIDField(null=True, blank=True, db_index=True, editable=False)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    tags = models.ManyToManyField(Tag, related_name="tickets", blank=True)
    preparation = models.CharField(max_length=10, choices=Preparation, default=Preparation.NONE, blank=True)
    # In the reply address (support+TOKEN@…), so that a mail without In-Reply-To still threads.
    reply_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    preview = models.CharField(max_length=160, blank=True, help_text="start of the latest customer message")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    # Since when somebody waits for the next step: the queue's age and order.
    waiting_since = models.DateTimeField(default=timezone.now)
    first_response_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("status"), F("priority").desc(), F("waiting_since"), F("id"), name="ticket_queue"),
            models.Index(
                F("assignee"), F("status"), F("priority").desc(), F("waiting_since"), F("id"), name="ticket_queue_mine"
            ),
            models.Index(fields=["customer", "-created_at"], name="ticket_customer"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=["open", "pending", "closed"]), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="ticket_priority_1_to_4"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="ticket_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"


class Message(models.Model):
    """One thing said on a ticket. `text` is the new part; quotes and signature are kept apart."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", "From the customer"
        REPLY = "reply", "Reply to the customer"
        NOTE = "note", "Internal note"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="messages"
    )
    text = models.TextField(blank=True)
    quoted = models.TextField(blank=True)
    html = models.TextField(blank=True, help_text="sanitised; empty for plain-text mail")
    from_name = models.CharField(max_length=200, blank=True)
    from_email = models.CharField(max_length=254, blank=True)
    # RFC 5322 Message-ID without angle brackets; null where there is none (notes, web form).
    message_id = models.CharField(max_length=500, null=True, blank=True, unique=True)
    in_reply_to = models.CharField(max_length=500, blank=True)
    references = models.TextField(blank=True, help_text="space-separated Message-IDs, oldest first")
    # Chosen by the browser for each composed reply, so that pressing Send twice sends once.
    submission = models.UUIDField(null=True, blank=True, unique=True)
    # How a reply was put together (tickets/composition.py), given back when sending is undone.
    composition = models.JSONField(default=dict, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["ticket", "created_at"], name="message_ticket")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="customer") | Q(author__isnull=False), name="message_ours_has_author"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Attachment(models.Model):
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to="%Y/%m", max_length=300, blank=True)
    refused = models.CharField(max_length=120, blank=True, help_text="why the content was not kept")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(file="", refused=""), name="attachment_kept_or_refused"),
        ]

    def __str__(self) -> str:
        return self.filename


class TicketEvent(models.Model):
    """One line of a ticket's timeline. Append-only: the database refuses updates."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "Message received"
        REPLIED = "replied", "Reply written"
        SENT = "sent", "Reply sent"
        SEND_FAILED = "send_failed", "Reply not sent"
        SEND_UNSURE = "send_unsure", "Sending unclear"
        SEND_UNDONE = "send_undone", "Sending taken back"
        NOTED = "noted", "Note"
        ASSIGNED = "assigned", "Assigned"
        HANDED_OVER = "handed_over", "Handed to team"
        STATUS = "status", "Status"
        PRIORITY = "priority", "Priority"
        TAGGED = "tagged", "Tags"
        IGNORED_MAIL = "ignored_mail", "Automatic mail ignored"
        PREPARED = "prepared", "Copilot"
        REVIEWED = "reviewed", "Draft reviewed"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=16, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["ticket", "at"], name="event_ticket")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("The timeline is append-only; record a new event instead.")
        super().save(*args, **kwargs)


class OutgoingMail(models.Model):
    """A reply on its way out (tickets/outbox.py is the only writer).

    queued -> sending -> sent | failed; a claim that was never answered -> unsure, which only
    a person resolves, because the mail may have left.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"
        UNSURE = "unsure", "Perhaps sent"
        UNDONE = "undone", "Taken back"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="outgoing")
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=320)
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    send_after = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "send_after"], name="outgoing_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed", "unsure", "undone"]),
                name="outgoing_state_known",
            ),
        ]


class InboundMail(models.Model):
    """What became of each mail that arrived. Nothing that arrives is ever without a row here."""

    class Action(models.TextChoices):
        CREATED = "created", "New ticket"
        THREADED = "threaded", "Added to a ticket"
        IGNORED = "ignored", "Ignored"
        QUARANTINED = "quarantined", "Quarantined"

    # Message-ID, or sha256 of the raw mail where it has none: the same mail twice is one row.
    identity = models.CharField(max_length=500, unique=True)
    action = models.CharField(max_length=12, choices=Action)
    reason = models.CharField(max_length=200, blank=True)
    from_email = models.CharField(max_length=254, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    raw_path = models.CharField(max_length=200, help_text="under MAIL_DIR")
    size = models.PositiveIntegerField(help_text="bytes")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.SET_NULL, related_name="inbound")
    message = models.ForeignKey(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    received_at = models.DateTimeField(default=timezone.now)
    written_at = models.DateTimeField(null=True, blank=True, help_text="the mail's own Date")
    resolved_at = models.DateTimeField(null=True, blank=True, help_text="when a person dealt with a quarantined mail")

    class Meta:
        indexes = [models.Index(fields=["action", "-received_at"], name="inbound_action")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(action__in=["created", "threaded"])
                | Q(ticket__isnull=False)
                | Q(resolved_at__isnull=False),
                name="inbound_kept_somewhere",
            ),
        ]


from tickets.login_records import Attempt, LoginSession  # noqa: E402, F401 - Django finds models here only
