"""What somebody needs help with."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from tickets.models.customers import Customer
from tickets.models.people import Team


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

    def locked(self) -> "TicketQuerySet":
        """Ours until the transaction ends: what is decided on the row holds when it is written.

        Whoever also changes a mail or a draft does that first and locks its ticket then, so that two never
        wait for each other. Rows that only point at the ticket (`no_key`) can be added meanwhile. No select_related:
        PostgreSQL would give the row as it is after the waiting, with the assignee or team of before.
        """
        return self.select_for_update(no_key=True)

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
