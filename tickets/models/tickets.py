"""Tickets and tags."""

import secrets
from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.models.categories import Category
from tickets.models.customers import Customer
from tickets.models.people import Team

NEVER = datetime(9999, 1, 1, tzinfo=UTC)  # a time that sorts behind all others


class Tag(models.Model):
    name = models.CharField(_("name"), max_length=50, unique=True)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def new_token() -> str:
    return secrets.token_hex(8)


class TicketQuerySet(models.QuerySet["Ticket"]):
    def for_queue(self) -> "TicketQuerySet":
        """With all that a row shows, in a constant number of queries."""
        return self.select_related("customer", "assignee", "team", "category").prefetch_related("tags")

    def locked(self) -> "TicketQuerySet":
        """Locked until the transaction ends, so that what was decided about the row is still true when it is written.

        Who also changes a mail or a draft changes it first and locks the ticket after that, so that no two
        transactions wait for each other. `no_key`: rows that only point at the ticket can be added meanwhile.
        No select_related: after waiting, PostgreSQL would return the new row with the old assignee or team.
        """
        return self.select_for_update(no_key=True)

    def snoozed(self) -> "TicketQuerySet":
        return self.filter(status=Ticket.Status.SNOOZED)

    def unclosed(self) -> "TicketQuerySet":
        return self.exclude(status=Ticket.Status.CLOSED)

    def open(self) -> "TicketQuerySet":
        return self.filter(status=Ticket.Status.OPEN)


class Ticket(models.Model):
    """`open`: the next step is ours. `pending`: the next step is the customer's. `closed`: there is none.

    `snoozed`: the next step is ours, but not before `wakes_at`, or before the customer writes.
    """

    class Status(models.TextChoices):
        OPEN = "open", pgettext_lazy("ticket status", "Open")
        PENDING = "pending", _("Waiting for customer")
        SNOOZED = "snoozed", _("Snoozed")
        CLOSED = "closed", _("Closed")

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")
        URGENT = 4, _("Urgent")

    class Channel(models.TextChoices):
        EMAIL = "email", _("Email")
        WEB = "web", _("Web form")
        API = "api", "API"
        OUTGOING = "outgoing", _("Started by us")

    class Preparation(models.TextChoices):
        """Whether a draft is ready when an agent opens the ticket. Written by the app that prepares replies."""

        NONE = "", _("No draft")
        WAITING = "waiting", _("Draft waiting")
        WORKING = "working", _("Draft being written")
        READY = "ready", _("Draft ready")
        NO_SOURCE = "no_source", _("No source")
        BY_RULE = "by_rule", _("No draft by rule")
        DELAYED = "delayed", _("Draft delayed")

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets")
    subject = models.CharField(max_length=300)
    status = models.CharField(max_length=8, choices=Status, default=Status.OPEN)
    priority = models.PositiveSmallIntegerField(choices=Priority, default=Priority.NORMAL)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets")
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    language = models.CharField(max_length=8, blank=True)
    # A random key of the help center visit in which it was written. The figures on deflection use it.
    help_visit = models.UUIDField(null=True, blank=True, db_index=True, editable=False)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    tags = models.ManyToManyField(Tag, related_name="tickets", blank=True)
    preparation = models.CharField(max_length=10, choices=Preparation, default=Preparation.NONE, blank=True)
    # Part of the reply address (support+TOKEN@…), so that a mail without In-Reply-To still finds its ticket.
    reply_token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    preview = models.CharField(max_length=160, blank=True, help_text="How the latest message of the customer begins")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    # Since when the next step is waited for. The queue shows it as age and sorts by it.
    waiting_since = models.DateTimeField(default=timezone.now)
    first_response_at = models.DateTimeField(null=True, blank=True)
    # Until when a member of the team that it was escalated to should take it. Empty once somebody has.
    handoff_due_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Of a snoozed ticket; NEVER: only the customer wakes it. Of others always NEVER: pages of the queue begin at a
    # value of it, and nothing comes after an empty one.
    wakes_at = models.DateTimeField(default=NEVER, editable=False)
    # It has woken by itself and nobody has taken the next step yet.
    back_from_snooze = models.BooleanField(default=False, editable=False)

    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(F("status"), F("priority").desc(), F("waiting_since"), F("id"), name="ticket_queue"),
            models.Index(
                F("assignee"), F("status"), F("priority").desc(), F("waiting_since"), F("id"), name="ticket_queue_mine"
            ),
            models.Index(F("team"), F("status"), F("assignee"), name="ticket_queue_team"),
            models.Index(F("status"), F("updated_at").desc(), F("id").desc(), name="ticket_queue_changed"),
            models.Index(F("status"), F("waiting_since"), F("id"), name="ticket_queue_waiting"),
            models.Index(F("status"), F("wakes_at"), F("id"), name="ticket_queue_wakes"),
            models.Index(F("status"), F("id"), name="ticket_queue_new"),
            models.Index(F("status"), F("preparation"), name="ticket_queue_draft"),
            models.Index(F("handoff_due_at"), name="ticket_queue_handoff", condition=Q(handoff_due_at__isnull=False)),
            models.Index(fields=["customer", "-created_at"], name="ticket_customer"),
            models.Index(fields=["created_at"], name="ticket_created"),
            models.Index(fields=["closed_at"], name="ticket_closed"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "pending", "snoozed", "closed"]), name="ticket_status_known"
            ),
            models.CheckConstraint(
                condition=(Q(status="snoozed") | Q(wakes_at=NEVER)) & (Q(status="open") | Q(back_from_snooze=False)),
                name="ticket_snooze_of_status",
            ),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="ticket_priority_1_to_4"),
            models.CheckConstraint(
                condition=Q(status="closed", closed_at__isnull=False)
                | (~Q(status="closed") & Q(closed_at__isnull=True)),
                name="ticket_closed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"

    @property
    def only_ours(self) -> bool:
        """Started by us, and the customer has not written yet: nobody waits for a reply."""
        return self.channel == self.Channel.OUTGOING and not self.messages.filter(kind="customer").exists()

    @property
    def snoozed_until(self) -> datetime | None:
        """None: it is not snoozed, or until the customer writes."""
        return None if self.wakes_at == NEVER else self.wakes_at
