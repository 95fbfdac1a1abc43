"""Plain names for what the triage stores."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from copilot.triage.signals import Kind

SIGNALS: dict[str, Promise] = {
    Kind.LEGAL_THREAT: pgettext_lazy("sensitive signal", "Legal threat"),
    Kind.STAFF_COMPLAINT: pgettext_lazy("sensitive signal", "Complaint about staff"),
    Kind.SECURITY: pgettext_lazy("sensitive signal", "Account security"),
    Kind.DISPUTE: pgettext_lazy("sensitive signal", "Payment dispute"),
    Kind.CHURN: pgettext_lazy("sensitive signal", "Wants to leave"),
    Kind.SELF_HARM: pgettext_lazy("sensitive signal", "Self-harm"),
    Kind.HUMAN: pgettext_lazy("sensitive signal", "Asks for a person"),
    Kind.REFUND: pgettext_lazy("request of a customer", "Wants money back"),
    Kind.ACCESS: pgettext_lazy("request of a customer", "Cannot get in"),
}
URGENCIES = range(1, 6)


def signal(kind: str) -> str:
    """Of a kind that is no longer known, its stored name."""
    return str(SIGNALS.get(kind, kind.replace("_", " ")))


def urgency(number: int) -> str:
    return _("%(number)d of 5") % {"number": number}
