"""The check of the text in the composer: the rules at once, the model's doubts by another request."""

from asgiref.sync import async_to_sync
from django import forms
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from copilot import llm
from copilot.presend.check import check
from copilot.presend.doubting import doubts as ask
from copilot.presend.gathering import facts_for
from copilot.provenance.known import known_for
from copilot.provenance.origins import counts, origins
from copilot.provenance.wording import summary
from copilot.redaction.values import masker_of
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.composition import Composition, parse
from tickets.views.forms import RELOAD


class TextForm(forms.Form):
    """A reply as it is in the composer: text and composition as for sending (tickets/views/forms.py)."""

    text = forms.CharField(max_length=50_000, required=False, strip=False)
    composition = forms.JSONField(required=False)
    attachments = forms.IntegerField(required=False, min_value=0, max_value=100)  # how many there are

    def clean(self) -> dict[str, object]:
        sent = super().clean() or self.cleaned_data
        composition = sent.get("composition")
        try:
            if composition is not None and not isinstance(composition, dict):
                raise ValueError("not an object")
            sent["shown"] = without_citations(parse(sent.get("text", ""), "", composition))
        except ValueError as error:
            raise forms.ValidationError(RELOAD) from error
        return sent


@agent_required
@require_POST
def presend(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """What the rules say against the text, and where its sentences come from. Writes nothing."""
    ticket = get_ticket(request.user, ticket_id)
    form = TextForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": str(RELOAD)}, status=422)
    text = form.cleaned_data["shown"]
    found = check(text, facts_for(ticket, request.user, text, form.cleaned_data["attachments"] or 0))
    known = known_for(ticket)
    said = summary(counts(origins(text, known)), _("you")) if known else ""
    return JsonResponse({"findings": [each.as_json for each in found], "origins": said})


@agent_required
@require_POST
def doubts(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """What the model doubts. It may take seconds, and nothing waits for it."""
    ticket = get_ticket(request.user, ticket_id)
    form = TextForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"error": str(RELOAD)}, status=422)
    text = form.cleaned_data["shown"]
    facts = facts_for(ticket, request.user, text)
    sentences = origins(text, known_for(ticket))
    asked = (text, sentences, facts, llm.HttpModel(), ticket.drafts.first(), masker_of(ticket))
    found = async_to_sync(ask)(*asked)
    return JsonResponse({"findings": [each.as_json for each in found]})


def without_citations(composition: Composition) -> str:
    """Spaces in the place of citations, so that offsets stay."""
    text = composition.text
    for at, number, _draft in composition.marks or ():
        mark = f"[{number}]"
        if text[at : at + len(mark)] == mark:
            text = text[:at] + " " * len(mark) + text[at + len(mark) :]
    return text
