"""The dialog in which a message is forwarded."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from config.numbers import whole
from tickets import uploads
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.forwarding import quoting
from tickets.forwarding.writing import FORWARDABLE, Forward
from tickets.forwarding.writing import forward as write
from tickets.mail import recipient_rows
from tickets.mail.mime import decoding
from tickets.mail.recipients import NotAddressed, Recipients
from tickets.models import Message, OutgoingMail, Recipient, Ticket
from tickets.views.forms import LONGEST, RELOAD, Addresses, Ids, refused


class ForwardForm(forms.Form):
    message = forms.IntegerField(min_value=1, max_value=2**62, error_messages={"required": RELOAD, "invalid": RELOAD})
    recipients = Addresses(required=True, error_messages={"required": RELOAD, "invalid": RELOAD})
    text = forms.CharField(
        max_length=LONGEST,
        required=False,
        error_messages={"max_length": _("This text is too long. Please shorten it.")},
    )
    files = Ids(max_length=1000, required=False)  # type: ignore[assignment]  # a form's uploads have this name too
    whole = forms.BooleanField(required=False)
    submission = forms.UUIDField(error_messages={"required": RELOAD})


@require_http_methods(["GET", "POST"])
@agent_required
def forward(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """GET shows the dialog for `message`, the customer's latest if it is not given; POST forwards it."""
    ticket = get_ticket(request.user, ticket_id)
    if request.method == "POST":
        return _forwarded(request, ticket)
    message = _message(ticket, whole(request.GET.get("message", "")))
    page = {
        "ticket": ticket,
        "message": message,
        "files": message.attachments.filter(refused=""),
        "preview": quoting.one(message),
        "preview_whole": quoting.whole(ticket, message),
        "known": json.dumps(_known(ticket)),
    }
    return render(request, "tickets/_forward.html", page)


def _message(ticket: Ticket, message_id: int | None) -> Message:
    messages = ticket.messages.filter(kind__in=FORWARDABLE).exclude(outgoing__state=OutgoingMail.State.UNDONE)
    found = messages.filter(pk=message_id) if message_id else messages.filter(kind=Message.Kind.CUSTOMER)
    message = found.last()
    if message is None:
        raise Http404
    message.ticket = ticket
    return message


def _known(ticket: Ticket) -> list[str]:
    """Addresses of this ticket's mails, with those of earlier forwards."""
    sent_to = Recipient.objects.filter(message__ticket=ticket).values_list("email", flat=True)
    writers = ticket.messages.filter(kind__in=FORWARDABLE).values_list("from_email", flat=True)
    return sorted({each.lower() for each in (*sent_to, *writers) if each})


def _forwarded(request: AgentRequest, ticket: Ticket) -> JsonResponse:
    form = ForwardForm(request.POST)
    if not form.is_valid():
        return refused(form)
    sent = form.cleaned_data
    message = _message(ticket, sent["message"])
    wanted = Forward(message, sent["recipients"], sent["text"], sent["whole"], tuple(sent["files"]))
    try:
        written = write(ticket, request.user, wanted, submission=sent["submission"])
    except (NotAddressed, uploads.NotTaken) as error:
        return JsonResponse({"error": str(error)}, status=422)
    except uploads.Gone as gone:
        what = ngettext("A file is no longer there.", "%(count)d files are no longer there.", gone.count)
        return JsonResponse({"error": what % {"count": gone.count}}, status=422)
    if written.ticket_id != ticket.pk:
        return JsonResponse({"error": RELOAD}, status=422)
    same = _same(wanted, written)
    return JsonResponse({"message": written.pk, "undo_seconds": settings.UNDO_SEND_SECONDS, "same": same})


def _same(wanted: Forward, written: Message) -> bool:
    """False: an earlier try of this submission has arrived with something else in it, or was undone since."""
    kept = written.composition
    return (
        decoding.storable(wanted.text).strip() == written.text
        and _emails(wanted.to) == _emails(recipient_rows.stored(written))
        and (kept.get("message"), kept.get("whole")) == (wanted.message.pk, wanted.whole)
        and set(kept.get("files", ())) == set(wanted.files)
        and written.outgoing.state != OutgoingMail.State.UNDONE
    )


def _emails(to: Recipients) -> dict[str, list[str]]:
    return {kind: [each.email.lower() for each in field] for kind, field in to.fields.items()}


def forward_again(message: Message) -> dict[str, Any]:
    """What the dialog gets back after undo."""
    recipients = recipient_rows.stored(message).as_json()
    return {"text": message.text, "recipients": recipients} | message.composition
