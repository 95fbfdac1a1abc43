"""Files: of messages, for members who may open the ticket; and those in a composer, only for whose composer it is.

Everything can be downloaded. A picture can also be shown, with the format that its bytes have: never with what the
sender calls it, and nothing else, so that nothing which a customer sent can run here.
"""

from pathlib import PurePath

from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tickets import uploads
from tickets.access import AgentRequest, agent_required, get_ticket
from tickets.models import Attachment, StoredFile, Ticket, Upload
from tickets.views.forms import UploadForm, refused

POLICY = "default-src 'none'; sandbox"


@require_safe
@agent_required
def attachment(request: AgentRequest, attachment_id: int) -> FileResponse:
    return _download(_attachment(request, attachment_id))


@require_safe
@agent_required
def picture(request: AgentRequest, attachment_id: int) -> FileResponse:
    return _picture(_attachment(request, attachment_id))


@require_safe
@agent_required
def upload(request: AgentRequest, upload_id: int) -> FileResponse:
    return _download(_upload(request, upload_id))


@require_safe
@agent_required
def upload_picture(request: AgentRequest, upload_id: int) -> FileResponse:
    return _picture(_upload(request, upload_id))


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def waiting(request: AgentRequest, ticket_id: int) -> HttpResponse:
    """The files in the composer; POST adds one and answers with its row, or 422 with a sentence."""
    ticket = get_ticket(request.user, ticket_id)
    if request.method != "POST":
        return HttpResponse(rows(request, ticket))
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return refused(form)
    chosen = form.cleaned_data
    try:
        made = uploads.receive(ticket, request.user, chosen["file"], for_note=chosen["note"], key=chosen["key"])
    except uploads.NotTaken as trouble:
        return JsonResponse({"error": str(trouble)}, status=422)
    html = render_to_string("tickets/_upload.html", {"file": made}, request)
    return JsonResponse({"upload": made.pk, "html": html})


def rows(request: AgentRequest, ticket: Ticket) -> str:
    """The files in the composer, as HTML."""
    return render_to_string("tickets/_uploads.html", {"uploads": uploads.of(ticket, request.user)}, request)


@require_POST
@agent_required
def upload_remove(request: AgentRequest, upload_id: int) -> JsonResponse:
    uploads.remove(_upload(request, upload_id))
    return JsonResponse({})


@require_POST
@agent_required
def upload_put_back(request: AgentRequest, upload_id: int) -> JsonResponse:
    uploads.put_back(_upload(request, upload_id))
    return JsonResponse({})


def _attachment(request: AgentRequest, attachment_id: int) -> Attachment:
    found = get_object_or_404(Attachment.objects.select_related("message"), pk=attachment_id)
    get_ticket(request.user, found.message.ticket_id)
    return found


def _upload(request: AgentRequest, upload_id: int) -> Upload:
    found = get_object_or_404(Upload, pk=upload_id, owner=request.user)
    get_ticket(request.user, found.ticket_id)
    return found


def _download(found: StoredFile) -> FileResponse:
    return _file(found, "application/octet-stream", as_attachment=True)


def _picture(found: StoredFile) -> FileResponse:
    """Whoever saves it gets a name with its real ending, whatever the sender calls it."""
    if not found.picture or found.is_huge:
        raise Http404
    return _file(found, found.picture, name=f"{PurePath(found.filename).stem}.{found.picture.partition('/')[2]}")


def _file(found: StoredFile, content_type: str, *, as_attachment: bool = False, name: str = "") -> FileResponse:
    if not found.file:
        raise Http404
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    name = name or found.filename
    response = FileResponse(content, as_attachment=as_attachment, filename=name, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = POLICY
    return response
