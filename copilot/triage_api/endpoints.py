"""POST /api/triage and /api/triage/batch."""

import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from copilot.triage_api import judging
from copilot.triage_api.schemas import BATCH, BatchIn, BatchOut, MessageIn, TriageOut
from tickets.api import allowance
from tickets.api.authentication import Bearer
from tickets.api.problems import Problem, ProblemOut
from tickets.models import ApiToken

log = logging.getLogger(__name__)
# One message at a time in each web process: members who work on tickets need its time too.
_one_at_a_time = threading.Lock()
RETRY = 60  # seconds until a classifier that does not work may work again
ERRORS: dict[Any, Any] = dict.fromkeys((400, 401, 403, 413, 422, 429, 500, 503), ProblemOut)

router = Router(auth=Bearer(ApiToken.Scope.TRIAGE), tags=["Triage"])


@router.post(
    "/triage",
    response={200: TriageOut, **ERRORS},
    summary="Triage one message",
    url_name="triage",
    operation_id="triage",
)
def triage(request: HttpRequest, asked: MessageIn, response: HttpResponse) -> TriageOut:
    """What the message is about, how it sounds, and whether a person should take it at once.

    The same classifier and routing rules as for the tickets of this desk. Personal data is masked before anything
    reads the message. Nothing is stored and no ticket is made, so a request can be repeated.
    """
    return _triage(request, response, [asked])[0]


@router.post(
    "/triage/batch",
    response={200: BatchOut, **ERRORS},
    summary=f"Triage up to {BATCH} messages",
    url_name="triage_batch",
    operation_id="triage_batch",
)
def triage_batch(request: HttpRequest, batch: BatchIn, response: HttpResponse) -> BatchOut:
    """The same for several messages. Each counts for the limit of messages a minute.

    If one message is not valid, nothing is triaged, and the errors say which.
    """
    return BatchOut(items=_triage(request, response, batch.items))


def _triage(request: HttpRequest, response: HttpResponse, messages: Sequence[MessageIn]) -> list[TriageOut]:
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    left = allowance.take(token, len(messages))
    for name, value in left.headers.items():
        response[name] = value
    begun = time.monotonic()
    found = [_one(each) for each in messages]
    log.info("API triage: token=%s messages=%s seconds=%.2f", token.pk, len(messages), time.monotonic() - begun)
    return found


def _one(asked: MessageIn) -> TriageOut:
    with _one_at_a_time:
        try:
            return judging.triage(asked)
        except judging.NoClassifier as error:
            detail = "The classifier does not work at the moment, or there is none yet. Please try again."
            raise Problem(503, detail, RETRY) from error
