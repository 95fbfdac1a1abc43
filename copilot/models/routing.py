"""The rules by which messages are routed, and what they decided of each message."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.versioned import VersionedRules
from tickets.models import Message, Team


class RoutingRules(VersionedRules):
    """One saved set of rules, as routing/rules.py writes them. routing/configuration.py is the only writer."""


class Route(models.Model):
    """Who handles a customer message, and what the copilot may do with it. Written by routing/recording.py.

    `because` holds what the sentence on the page needs: codes, numbers, and words of the masked message.
    """

    class Handling(models.TextChoices):
        """From the least strict to the strictest."""

        AI_ONLY = "ai_only", _("Copilot alone")
        AI_AND_HUMAN = "ai_and_human", _("Person with draft")
        HUMAN_NOW = "human_now", _("Person now")

    class May(models.TextChoices):
        """What the copilot may prepare, from the least to the most.

        A draft of the next step asks the customer, behind steps, whether they help.
        """

        NOTHING = "nothing", _("No draft")
        POLICY = "policy", _("What the articles say, no draft")
        OWN_WORDS = "own_words", _("Draft in the sources’ own words")
        NEXT_STEP = "next_step", _("Draft of the next step")
        DRAFT = "draft", _("Draft")

    DRAFTED = (May.OWN_WORDS, May.NEXT_STEP, May.DRAFT)

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="route")
    handling = models.CharField(max_length=12, choices=Handling)
    may = models.CharField(max_length=10, choices=May)
    because = models.JSONField(default=dict)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    rules = models.ForeignKey(RoutingRules, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"route of message {self.message_id}"

    @property
    def drafted(self) -> bool:
        return self.may in self.DRAFTED
