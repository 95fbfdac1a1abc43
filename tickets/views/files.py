"""Attachments: only for members who may open the ticket, and always as a download."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Attachment


@require_safe
@agent_required
def attachment(request: AgentRequest, attachment_id: int) -> FileResponse:
    found = get_object_or_404(Attachment.objects.select_related("message"), pk=attachment_id)
    get_ticket(request.user, found.message.ticket_id)
    if not found.file:
        raise Http404
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    # Never with the content type of the sender: nothing that a customer sent may run here.
    response = FileResponse(
        content, as_attachment=True, filename=found.filename, content_type="application/octet-stream"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
