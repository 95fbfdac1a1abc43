"""Tickets that were handed to another team with all that is known of them, and the rules for it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from config.versioned import VersionedRules
from tickets.models import Message, Team, Ticket


class EscalationRules(VersionedRules):
    """One saved set of rules, as escalation/rules.py writes them. escalation/configuration.py is the only writer."""


class EscalationQuerySet(models.QuerySet["Escalation"]):
    def standing(self) -> "EscalationQuerySet":
        """Without those that were undone."""
        return self.filter(undone_at=None)


class Escalation(models.Model):
    """One ticket handed to a team. escalation/sending.py writes it, escalation/judging.py what the team thinks of it.

    `package`: what the team was told, as escalation/package.py writes it. `triggers`: the reasons that applied at that
    moment; an escalation for none of them is the agent's own decision.
    """

    class Reason(models.TextChoices):
        """Why a ticket should go to another team. All but the last are triggers, the strongest first."""

        SIGNAL = "signal", pgettext_lazy("why a ticket is escalated", "Sensitive signal")
        HUMAN = "human", pgettext_lazy("why a ticket is escalated", "The customer asks for a person")
        ATTEMPTS = "attempts", pgettext_lazy("why a ticket is escalated", "Our replies did not help")
        URGENCY = "urgency", pgettext_lazy("why a ticket is escalated", "Urgent")
        WAITING = "waiting", pgettext_lazy("why a ticket is escalated", "The customer has waited too long")
        UNSURE = "unsure", pgettext_lazy("why a ticket is escalated", "No sure answer")
        OTHER = "other", pgettext_lazy("why a ticket is escalated", "Another team knows more or may do more")

    class Judgement(models.TextChoices):
        JUSTIFIED = "justified", pgettext_lazy("judgement of an escalation", "Justified")
        NOT_NEEDED = "not_needed", pgettext_lazy("judgement of an escalation", "Not needed")
        WRONG_TEAM = "wrong_team", pgettext_lazy("judgement of an escalation", "Wrong team")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="escalations")
    note = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="escalation")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    from_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason)
    triggers = models.JSONField(default=list)
    package = models.JSONField(default=dict)
    rules = models.ForeignKey(EscalationRules, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(help_text="until when a member of the team should take the ticket")
    undone_at = models.DateTimeField(null=True, blank=True)
    judgement = models.CharField(max_length=10, choices=Judgement, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["sent_at"], name="escalation_sent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(judgement="", judged_at=None) | (~Q(judgement="") & Q(judged_at__isnull=False)),
                name="escalation_judged_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"escalation of ticket {self.ticket_id}"
