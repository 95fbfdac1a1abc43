"""Lets in who has a token: `Authorization: Bearer cdk_…`. A login of a member is not enough, and no cookie is read."""

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from tickets.api import tokens
from tickets.api.problems import Problem
from tickets.models import ApiToken


def in_force(token: ApiToken) -> bool:
    return token.revoked_at is None and not token.expired(timezone.now())


def has_token(request: HttpRequest) -> bool:
    """Whether a token in force came along, whatever it may do."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    found = tokens.find(secret.strip()) if scheme.lower() == "bearer" and secret else None
    return found is not None and in_force(found)


class Bearer(HttpBearer):
    """A token that may do what `scope` says."""

    def __init__(self, scope: ApiToken.Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = tokens.find(token)
        if found is None:
            return None
        if not in_force(found):
            raise Problem(401, "This token is revoked or has expired. An admin can make a new one at /api/tokens/.")
        if found.scope != self.scope:
            raise Problem(403, f"This token may not do this: it has another scope than “{self.scope}”.")
        tokens.note_use(found)
        return found
