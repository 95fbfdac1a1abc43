"""The dialog of new tickets: an agent writes to a customer first."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tickets.access import AgentRequest, agent_required, visible_tickets
from tickets.mail import smtp
from tickets.mail.automatic import is_own
from tickets.mail.mime import addresses, decoding
from tickets.mail.mime.addresses import Address
from tickets.models import Customer, Team
from tickets.starting.starting import start
from tickets.views.forms import RELOAD

SHOWN = 3  # of the customer's tickets: the dialog has room for as many
NO_ADDRESS = _("Type one address, like name@example.com.")


class NewTicketForm(forms.Form):
    """`to`: one address, with or without a name, as in a mail."""

    to = forms.CharField(
        max_length=600,
        error_messages={"required": _("Choose a customer, or type an address."), "max_length": NO_ADDRESS},
    )
    subject = forms.CharField(
        max_length=300,
        error_messages={
            "required": _("Write a subject: the customer sees it first."),
            "max_length": _("This subject is too long. Please shorten it."),
        },
    )
    team = forms.ModelChoiceField(
        Team.objects.all(),
        required=False,
        empty_label=_("No team"),
        error_messages={"invalid_choice": _("This team no longer exists. Choose another one.")},
    )
    submission = forms.UUIDField(error_messages={"required": RELOAD, "invalid": RELOAD})

    def clean_subject(self) -> str:
        subject = decoding.one_line(self.cleaned_data["subject"], 300)
        if not subject:  # only characters that nobody sees
            raise ValidationError(self.fields["subject"].error_messages["required"])
        return subject

    def clean_to(self) -> Address:
        found = addresses.read(self.cleaned_data["to"])
        if len(found) > 1:
            raise ValidationError(_("A ticket has one customer. Others can get a copy of the mail."))
        if not found or not _takes_mail(found[0].email):
            raise ValidationError(NO_ADDRESS)
        if is_own(found[0].email, settings.SUPPORT_ADDRESS):
            raise ValidationError(_("This is our own address. Choose a customer, or type another address."))
        return found[0]


def _takes_mail(email: str) -> bool:
    """Who has written to us takes mail at that address, also within a network (nora@intranet)."""
    there = Customer.objects.filter(email__iexact=email).exists()
    return smtp.can_send(email) and (there or "." in email.rpartition("@")[2])


@require_POST
@agent_required
def new_ticket(request: AgentRequest) -> HttpResponse:
    """Answers with the ticket; 422 with a sentence for each field that cannot be taken."""
    form = NewTicketForm(request.POST)
    if not form.is_valid():
        errors = {name: " ".join(map(str, found)) for name, found in form.errors.items()}
        return JsonResponse({"errors": errors, "error": " ".join(errors.values())}, status=422)
    asked = form.cleaned_data
    made = start(request.user, asked["to"], asked["subject"], asked["team"], asked["submission"])
    return JsonResponse({"ticket": made.ticket.pk, "same": not made.again or _same(made.ticket, asked)})


def _same(ticket: Any, asked: dict[str, Any]) -> bool:
    """False: an earlier try of this submission has arrived, with another address or subject."""
    return ticket.customer.email.lower() == asked["to"].email.lower() and ticket.subject == asked["subject"]


@require_safe
@agent_required
def customer_tickets(request: AgentRequest) -> HttpResponse:
    """The tickets of the customer with this address that are not closed, so that nobody begins a second one."""
    email = addresses.normal(request.GET.get("email", "")[:600])
    customer = Customer.objects.filter(email__iexact=email).first() if email else None
    found = visible_tickets(request.user).filter(customer=customer).unclosed() if customer else None
    page: dict[str, Any] = {"customer": customer, "count": 0, "tickets": []}
    if found is not None:
        page |= {"count": found.count(), "tickets": list(found.order_by("-updated_at", "-pk")[:SHOWN])}
    return render(request, "tickets/_customer_tickets.html", page)
