"""What agents do to a ticket: fetch it, act, answer in JSON. Browsers then fetch again what changed.

Invalid input is answered with 422 and a sentence; the browser keeps what was typed.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tickets import assignment, lifecycle, notes, outbox, refusing, uploads
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.mail import recipient_rows
from tickets.mail.recipients import NotAddressed, Recipients, with_customer
from tickets.models import Message, OutgoingMail, Ticket, TicketEvent
from tickets.views.files import rows
from tickets.views.forms import (
    AssignForm,
    CloseForm,
    NoteForm,
    PriorityForm,
    ReplyForm,
    StatusForm,
    TicketTagsForm,
    TransferForm,
    refused,
)
from tickets.views.forwarding import forward_again

UNDO_SECONDS = 3600
# Salt of signed undos. The number changes with what an undo holds, so that an older one is refused with a message.
TRANSFERRED = "transferred 4"
TIMES = ("waiting_since", "handoff_due_at", "wakes_at", "closed_at")


@require_POST
@agent_required
def reply(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """409 with the newer messages, if there are any that the sender has not `seen`. The files are `uploads`."""
    ticket = get_ticket(request.user, ticket_id)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return refused(form)
    sent = form.cleaned_data
    try:
        named = {name: sent[name] for name in ("submission", "then", "seen", "recipients")}
        message = outbox.write_reply(ticket, request.user, sent["composed"], files=sent["uploads"], **named)
    except outbox.NewerMessages as newer:
        return JsonResponse({"newer": [_summary(message) for message in newer.messages]}, status=409)
    except refusing.Refused as refusal:
        return JsonResponse({"error": " ".join(refusal.reasons)}, status=422)
    except NotAddressed as error:
        return JsonResponse({"error": str(error)}, status=422)
    except (uploads.Gone, uploads.NotTaken) as trouble:
        return _not_with_files(trouble)
    except ValueError:  # only citations
        return JsonResponse({"error": _("There is nothing to send yet.")}, status=422)
    if message.ticket_id != ticket.pk:
        return JsonResponse({"error": _("This reply already went to another ticket.")}, status=422)
    same = _same(sent, message.composition.get("text", message.text))
    same = same and _same_people(sent["recipients"], ticket, message)
    return JsonResponse({"message": message.pk, "undo_seconds": settings.UNDO_SEND_SECONDS, "same": same})


def _same(sent: dict[str, Any], text: str) -> bool:
    """False: an earlier try of this submission has arrived, with another text or without some of the files."""
    return text == sent["text"] and not uploads.still_there(sent["uploads"])


def _same_people(asked: Recipients | None, ticket: Ticket, message: Message) -> bool:
    if asked is None:
        return True
    wanted = with_customer(recipient_rows.customer_address(ticket.customer), asked)
    return wanted.emails == recipient_rows.stored(message).emails


def _not_with_files(trouble: uploads.Gone | uploads.NotTaken) -> JsonResponse:
    if isinstance(trouble, uploads.NotTaken):
        return JsonResponse({"error": str(trouble)}, status=422)
    error = ngettext(
        "Not sent: a file is no longer there. It was sent or removed in another window. Look at the files and send "
        "again.",
        "Not sent: %(count)d files are no longer there. They were sent or removed in another window. Look at the files "
        "and send again.",
        trouble.count,
    )
    return JsonResponse({"error": error % {"count": trouble.count}}, status=422)


def _summary(message: Message) -> dict[str, Any]:
    """Of a message that has only files, their names."""
    who = message.author.name if message.author else message.from_name or message.from_email or _("The customer")
    text = " ".join(message.text.split()) or ", ".join(each.filename for each in message.attachments.all())
    return {"id": message.pk, "kind": message.kind, "who": who, "text": text[:300]}


@require_POST
@agent_required
def undo_send(request: AgentRequest, message_id: int) -> HttpResponse:
    """Answers with the text as it was composed; the files of a reply are uploads again."""
    message = get_object_or_404(Message, pk=message_id, outgoing__isnull=False)
    ticket = get_ticket(request.user, message.ticket_id)
    if not outbox.undo(message.pk, request.user):
        undone = OutgoingMail.objects.filter(message=message, state=OutgoingMail.State.UNDONE).exists()
        if message.kind == Message.Kind.FORWARD:
            why = _("Forwarding was undone already.") if undone else _("Too late: it has already been forwarded.")
        else:
            why = _("This reply was undone already.") if undone else _("Too late: the reply has already been sent.")
        return JsonResponse({"error": why}, status=409)
    if message.kind == Message.Kind.FORWARD:
        return JsonResponse({"ticket": ticket.pk, "forward": forward_again(message)})
    back = {"text": message.text, "composition": message.composition, "uploads": rows(request, ticket)}
    return JsonResponse({"ticket": ticket.pk, "recipients": recipient_rows.stored(message).as_json()} | back)


@require_POST
@agent_required
def note(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return refused(form)
    sent = form.cleaned_data
    try:
        message = notes.write(ticket, request.user, sent["text"], sent["submission"], sent["uploads"])
    except (uploads.Gone, uploads.NotTaken) as trouble:
        return _not_with_files(trouble)
    if message.ticket_id != ticket.pk:
        return JsonResponse({"error": _("This note already went to another ticket.")}, status=422)
    return JsonResponse({"message": message.pk, "same": _same(sent, message.text)})


@require_POST
@agent_required
def assign(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return refused(form)
    assignee = form.cleaned_data["assignee"]
    try:
        event = assignment.assign(ticket, assignee, request.user, was=form.cleaned_data["was"])
    except assignment.ChangedMeanwhile as other:
        return JsonResponse({"error": other.text}, status=409)
    name = assignee.name if assignee else ""
    return JsonResponse({"changed": bool(event), "assignee": name, "events": _ids(event)})


@require_http_methods(["GET", "POST"])
@agent_required
def transfer(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """GET shows the form with what the team will see, POST transfers the ticket.

    409 with the newest move, if there is one that the form did not know: sent again with it, the ticket is transferred.
    """
    ticket = get_ticket(request.user, ticket_id)
    form = TransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _transferred(request, ticket, form.cleaned_data)
    last = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    page = {"ticket": ticket, "form": form, "last": last, "seen": assignment.latest_move(ticket)}
    return render(request, "tickets/_transfer.html", page, status=422 if form.is_bound else 200)


def _transferred(request: AgentRequest, ticket: Ticket, chosen: dict[str, Any]) -> JsonResponse:
    team = chosen["team"]
    try:
        was = assignment.transfer(ticket, team, chosen["note"], request.user, seen=chosen["seen"])
    except assignment.ChangedMeanwhile as other:
        error = _("%(what)s Press Transfer again to transfer it anyway.") % {"what": other.text}
        return JsonResponse({"error": error, "seen": other.event_id}, status=409)
    return JsonResponse({"team": team.name, "undo": signed_transfer(was)})


@require_POST
@agent_required
def undo_transfer(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """With the `undo` of a transfer the ticket is as before. Without one it is assigned to the agent."""
    ticket = get_ticket(request.user, ticket_id)
    if "undo" not in request.POST:
        return JsonResponse({"changed": bool(assignment.assign(ticket, request.user, request.user))})
    was = _held(request, ticket)
    if was is None:
        return JsonResponse(
            {"error": _("This can no longer be undone. Assign the ticket to yourself instead.")}, status=409
        )
    if not assignment.undo_transfer(ticket, request.user, was):
        return JsonResponse({"error": _("Somebody has changed this ticket since.")}, status=409)
    return JsonResponse({"changed": True})


@require_POST
@agent_required
def close(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = CloseForm(request.POST)
    if not form.is_valid():
        return refused(form)
    try:
        events = lifecycle.close(ticket, request.user, form.cleaned_data["tags"], ask=form.cleaned_data["ask"])
    except lifecycle.Unanswered:
        return JsonResponse({"unanswered": True, "error": _("The customer’s last message has no reply.")}, status=409)
    if not events:
        return JsonResponse({"error": _("This ticket is already closed.")}, status=409)
    return JsonResponse({"events": _ids(*events)})


@require_POST
@agent_required
def tags(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = TicketTagsForm(request.POST)
    if not form.is_valid():
        return refused(form)
    wanted, was = form.cleaned_data["tags"], form.cleaned_data["was"]
    added, removed = [name for name in wanted if name not in was], [name for name in was if name not in wanted]
    event = lifecycle.change_tags(ticket, request.user, add=added, remove=removed)
    return JsonResponse({"tags": [tag.name for tag in ticket.tags.all()], "events": _ids(event)})


def _ids(*events: TicketEvent | None) -> list[int]:
    """For the undo of what was done (views/bulk.py)."""
    return [event.pk for event in events if event]


def signed_transfer(was: assignment.Transfer) -> str:
    """The `undo` of a transfer, for `undo_transfer`. The browser keeps it; the signature protects it from changes."""
    held = asdict(was)
    times = {name: value.isoformat() for name, value in held.items() if isinstance(value, datetime)}
    return signing.dumps(held | times, salt=TRANSFERRED)


def _held(request: AgentRequest, ticket: Ticket) -> assignment.Transfer | None:
    """What the undo needs, or None if it is too old, changed or belongs to another ticket."""
    try:
        held: dict[str, Any] = signing.loads(request.POST.get("undo", ""), salt=TRANSFERRED, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        return None
    if held["ticket_id"] != ticket.pk:
        return None
    times = {name: datetime.fromisoformat(held[name]) for name in TIMES if held.get(name)}
    return assignment.Transfer(**held | times)


@require_POST
@agent_required
def status(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = StatusForm(request.POST)
    if not form.is_valid():
        return refused(form)
    event = lifecycle.set_status(ticket, form.cleaned_data["status"], request.user)
    return JsonResponse({"changed": bool(event), "events": _ids(event)})


@require_POST
@agent_required
def priority(request: AgentRequest, ticket_id: int) -> HttpResponse:
    ticket = get_ticket(request.user, ticket_id)
    form = PriorityForm(request.POST)
    if not form.is_valid():
        return refused(form)
    event = lifecycle.set_priority(ticket, form.cleaned_data["priority"], request.user)
    return JsonResponse({"priority": ticket.priority, "events": _ids(event)})
