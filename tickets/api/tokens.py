"""Makes, finds and revokes API tokens. The only writer of ApiToken."""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from tickets.models import ApiToken, User

log = logging.getLogger(__name__)
PREFIX = "cdk_"  # so that scanners of source code know a token that was committed by mistake
SHOWN = 10  # characters that tell tokens apart in the list
NOTED_EVERY = timedelta(minutes=1)  # when a token was last used is written at most so often


class NameTaken(Exception):
    """A token that is not revoked has this name already."""


class Made(NamedTuple):
    token: ApiToken
    secret: str


def make(name: str, by: User, expires_at: datetime | None = None) -> Made:
    """Raises NameTaken."""
    secret = PREFIX + secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            token = ApiToken.objects.create(
                name=name, digest=_digest(secret), start=secret[:SHOWN], made_by=by, expires_at=expires_at
            )
    except IntegrityError as error:
        raise NameTaken from error
    log.info("API token made: token=%s by=%s", token.pk, by.pk)
    return Made(token, secret)


def find(secret: str) -> ApiToken | None:
    """The token with this secret, also an expired or revoked one."""
    return ApiToken.objects.filter(digest=_digest(secret)).first()


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.used_at is None or now - token.used_at >= NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(used_at=now)


def revoke(number: int, by: User) -> bool:
    """For good: a secret that somebody else may know is not used again. False if no such token is in use."""
    in_use = ApiToken.objects.filter(pk=number, revoked_at=None)
    revoked = bool(in_use.update(revoked_at=timezone.now(), revoked_by=by))
    if revoked:
        log.info("API token revoked: token=%s by=%s", number, by.pk)
    return revoked


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
