"""Tokens: made, found and revoked; the secret is shown once and stored nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests import cast
from tickets.api import tokens
from tickets.api.authentication import in_force
from tickets.models import ApiToken

pytestmark = pytest.mark.django_db


def test_a_token_is_found_by_its_secret_alone() -> None:
    made = tokens.make("Zendesk", cast.ada())
    assert tokens.find(made.secret) == made.token
    assert tokens.find(made.secret[:-1]) is None and tokens.find("") is None


def test_the_secret_is_not_stored() -> None:
    secret = tokens.make("Zendesk", cast.ada()).secret
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM tickets_apitoken")
        row = " ".join(map(str, cursor.fetchone()))
    assert secret not in row and secret[4:20] not in row


def test_two_secrets_are_never_the_same() -> None:
    assert len({tokens.make(str(number), cast.ada()).secret for number in range(50)}) == 50


def test_a_name_is_used_once_until_it_is_revoked() -> None:
    made = tokens.make("Zendesk", cast.ada())
    with pytest.raises(tokens.NameTaken):
        tokens.make("Zendesk", cast.ada())
    tokens.revoke(made.token.pk, cast.ada())
    assert tokens.make("Zendesk", cast.ada()).token.pk != made.token.pk


def test_a_revoked_one_stays_revoked_by_whoever_came_first() -> None:
    number = tokens.make("Zendesk", cast.ada()).token.pk
    assert tokens.revoke(number, cast.ada())
    first = ApiToken.objects.get(pk=number)
    assert not tokens.revoke(number, cast.rosa()) and not tokens.revoke(987654, cast.ada())
    again = ApiToken.objects.get(pk=number)
    assert (again.revoked_at, again.revoked_by) == (first.revoked_at, cast.ada())


@pytest.mark.parametrize(("left", "valid"), [(timedelta(minutes=1), True), (timedelta(0), False), (None, True)])
def test_it_is_in_force_until_it_expires(left: timedelta | None, valid: bool) -> None:
    until = timezone.now() + left if left is not None else None
    assert in_force(tokens.make("Zendesk", cast.ada(), until).token) == valid


def test_it_outlives_the_member_who_made_it() -> None:
    ada = cast.ada()
    secret = tokens.make("Zendesk", ada).secret
    ada.delete()
    found: Any = tokens.find(secret)
    assert in_force(found) and found.made_by is None
