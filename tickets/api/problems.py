"""Every error of the API, as `application/problem+json` (RFC 9457): a status, a title, and what to do about it."""

import json
import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
WHERE = {"body", "query", "path", "header", "data"}  # ninja's name for the part of a request comes first


class FieldProblem(BaseModel):
    field: str = Field(description="Where in the request, e.g. `items.3.body`.", examples=["body"])
    problem: str = Field(description="What is wrong there.", examples=["Field required"])


class ProblemOut(BaseModel):
    title: str = Field(description="The kind of error.", examples=["Unprocessable Entity"])
    status: int = Field(description="The same as the HTTP status.", examples=[422])
    detail: str = Field(description="What is wrong, and what to do.", examples=["Please correct the fields below."])
    errors: list[FieldProblem] = Field(default_factory=list, description="The fields that are wrong, if it is fields.")


class Problem(Exception):
    """Ends a request with this status. `retry_after`: seconds."""

    def __init__(self, status: int, detail: str, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_after = status, detail, retry_after


def response(
    status: int, detail: str, errors: Sequence[FieldProblem] = (), headers: dict[str, str] | None = None
) -> HttpResponse:
    told = ProblemOut(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=list(errors))
    plain = told.model_dump() if errors else told.model_dump(exclude={"errors"})
    return HttpResponse(
        json.dumps(plain, ensure_ascii=False), status=status, content_type=CONTENT_TYPE, headers=headers or {}
    )


@csrf_exempt
def no_such_address(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return response(404, "There is no such address. /api/docs lists those that there are.")


def register(api: NinjaAPI) -> None:
    """Gives the API its errors; without this some would be HTML, some plain text."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
        return response(error.status, error.detail, headers=headers)

    @api.exception_handler(AuthenticationError)
    def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        detail = "Send a token of this desk in the header: Authorization: Bearer cdk_…"
        return response(401, detail, headers={"WWW-Authenticate": "Bearer"})

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return response(422, "Please correct the fields below.", [_field(each) for each in error.errors])

    @api.exception_handler(HttpError)
    def _other(request: HttpRequest, error: HttpError) -> HttpResponse:
        return response(error.status_code, str(error))

    @api.exception_handler(Http404)
    def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
        return no_such_address(request)

    @api.exception_handler(Exception)
    def _fault(request: HttpRequest, error: Exception) -> HttpResponse:
        log.error("API request failed: path=%s error=%s", request.path, type(error).__name__, exc_info=error)
        return response(500, "Something went wrong here. It has been logged; please try again later.")


def _field(error: dict[str, Any]) -> FieldProblem:
    """Without the value: an answer must not repeat what a customer wrote."""
    places = list(error.get("loc", ()))
    while places and places[0] in WHERE:
        places.pop(0)
        if places and places[0] in ("asked", "batch"):  # the parameters of our endpoints
            places.pop(0)
            break
    said = str(error.get("msg", "")).removeprefix("Value error, ")
    return FieldProblem(field=".".join(map(str, places)) or "(the whole body)", problem=said)
