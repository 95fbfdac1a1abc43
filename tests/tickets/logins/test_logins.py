"""Wrong passwords are counted everywhere, a lock ends by itself, and no stranger can lock an agent out."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt, AccessLog
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from config.web import limits
from tests import cast
from tickets.logins import attempts, password_mail
from tickets.logins import limits as login_limits
from tickets.models import Attempt, User

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.9"


def try_login(who: str, password: str, address: str = HERE, path: str = "/login/") -> Any:
    return Client(REMOTE_ADDR=address).post(path, {"username": who, "password": password})


def fail(times: int, who: str = "mira", address: str = HERE) -> Any:
    return [try_login(who, f"wrong {at}", address) for at in range(times)][-1]


def test_five_wrong_passwords_lock_that_address_for_that_account(mira: User, jonas: User) -> None:
    assert fail(4).status_code == 200
    locked = fail(1)
    assert locked.status_code == 429 and int(locked.headers["Retry-After"]) <= 600
    assert b"Try again in 10 minutes" in locked.content
    assert try_login("mira", cast.PASSWORD).status_code == 429
    # The same member elsewhere, and a colleague here, are not affected.
    assert try_login("mira", cast.PASSWORD, ELSEWHERE).status_code == 302
    assert try_login("jonas", cast.PASSWORD).status_code == 302


def test_the_lock_ends_by_itself_and_waiting_is_not_made_longer_by_trying(mira: User) -> None:
    fail(5)
    fail(3)  # while locked: not counted
    AccessAttempt.objects.update(attempt_time=AccessAttempt.objects.get().attempt_time - timedelta(minutes=11))
    assert try_login("mira", cast.PASSWORD).status_code == 302


def test_an_address_that_tries_many_accounts_is_locked_for_all(mira: User) -> None:
    for number in range(login_limits.ADDRESS_LIMIT):
        try_login(f"nobody{number}", "wrong")
    assert try_login("mira", cast.PASSWORD).status_code == 429
    assert try_login("mira", cast.PASSWORD, ELSEWHERE).status_code == 302


def test_ones_own_login_does_not_reset_attempts_on_others(mira: User) -> None:
    for number in range(login_limits.ADDRESS_LIMIT - 1):
        try_login(f"nobody{number}", "wrong")
    assert try_login("mira", cast.PASSWORD).status_code == 302
    try_login("nobody", "wrong")
    assert try_login("mira", cast.PASSWORD).status_code == 429


def test_many_addresses_cannot_lock_a_member_out_of_a_known_address(mira: User) -> None:
    assert try_login("mira", cast.PASSWORD).status_code == 302
    for number in range(login_limits.ACCOUNT_LIMIT):
        try_login("mira", "wrong", f"198.51.100.{number}")
    assert try_login("mira", "wrong", "192.0.2.77").status_code == 429
    assert try_login("mira", cast.PASSWORD, "192.0.2.78").status_code == 429
    assert try_login("mira", cast.PASSWORD, HERE).status_code == 302


def test_the_admin_has_no_login_page_of_its_own(ada: User) -> None:
    answer = Client().get("/admin/login/?next=/admin/django_q/")
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/?next=/admin/")
    posted = Client().post("/admin/login/", {"username": "ada", "password": cast.PASSWORD})
    assert posted.status_code == 302 and "sessionid" not in posted.cookies
    assert Client().post("/admin/", {"username": "ada", "password": cast.PASSWORD}).status_code == 302


def test_a_wrong_role_gets_a_403_and_no_redirect(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert client.get("/admin/", follow=True).status_code == 403


def test_only_our_own_proxy_may_name_the_address(settings: Any, rf: Any) -> None:
    forged = {"REMOTE_ADDR": HERE, "HTTP_X_FORWARDED_FOR": f"1.1.1.1, {ELSEWHERE}"}
    settings.SECURE_PROXY_SSL_HEADER = None
    assert limits.address(rf.get("/", **forged)) == HERE
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert limits.address(rf.get("/", **forged)) == ELSEWHERE
    assert limits.address(rf.get("/", **forged | {"HTTP_X_FORWARDED_FOR": "<script>"})) == HERE
    assert limits.address(rf.get("/", REMOTE_ADDR="")) == limits.UNKNOWN


def test_typed_passwords_are_not_stored(mira: User) -> None:
    try_login("mira", "my other secret")
    row = AccessAttempt.objects.get()
    assert "my other secret" not in f"{row.get_data}{row.post_data}" and "csrf" not in row.post_data.replace("*", "")


def test_old_logins_are_deleted(mira: User) -> None:
    try_login("mira", cast.PASSWORD)
    AccessLog.objects.update(attempt_time=AccessLog.objects.get().attempt_time - login_limits.LOG_KEPT * 2)
    try_login("mira", cast.PASSWORD)
    assert AccessLog.objects.count() == 1


# --- A forgotten password ---


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ids of the members to whom a mail was queued."""
    found: list[int] = []
    monkeypatch.setattr(password_mail, "queue", lambda job, user_id, lane: found.append(user_id))
    return found


def ask(email: str, address: str = HERE) -> Any:
    return Client(REMOTE_ADDR=address).post(reverse("password_reset"), {"email": email})


def test_a_known_and_an_unknown_address_get_the_same_answer(
    mira: User, queued: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        known, unknown = ask(mira.email.upper()), ask("nobody@tallybird.example")
    assert queued == [mira.pk]
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert known.status_code == 302 and not known.cookies and not unknown.cookies


def test_a_stranger_cannot_fill_a_mailbox(
    mira: User, queued: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answers = [ask(mira.email, f"198.51.100.{number}").status_code for number in range(6)]
    assert answers == [302] * 6 and len(queued) == password_mail.MAILS_PER_HOUR


def test_requests_from_one_address_are_limited(db: None, queued: list[int]) -> None:
    answers = [ask(f"nobody{number}@tallybird.example").status_code for number in range(12)]
    assert answers == [302] * 10 + [429] * 2
    assert ask("mira@tallybird.example", ELSEWHERE).status_code == 302


def test_attempts_are_hashed_and_deleted_after_a_day(db: None) -> None:
    assert attempts.within("door", HERE, 2, 60) and attempts.within("door", HERE, 2, 60)
    assert not attempts.within("door", HERE, 2, 60) and attempts.within("other", HERE, 2, 60)
    assert HERE not in str(list(Attempt.objects.values_list("who", flat=True)))
    Attempt.objects.update(at=Attempt.objects.earliest("at").at - timedelta(days=2))
    assert attempts.within("door", HERE, 2, 60) and Attempt.objects.count() == 1


def test_the_link_sets_a_new_password_once_and_ends_every_login(mira: User, settings: Any) -> None:
    settings.DESK_URL = "http://desk.example"
    inside = Client()
    inside.force_login(mira)
    assert password_mail.send(mira.pk) == "sent"
    sent = mail.outbox[-1]
    assert sent.to == [mira.email] and sent.extra_headers["Auto-Submitted"] == "auto-generated"
    link = re.search(r"http://desk\.example(/password/new/\S+)", sent.body)
    assert link
    browser = Client()
    form = browser.get(link[1], follow=True)
    address = form.redirect_chain[-1][0]
    words = "a quite different sentence"
    assert browser.post(address, {"new_password1": words, "new_password2": words}).status_code == 302
    assert inside.get("/account/").status_code == 302
    assert try_login("mira", words).status_code == 302
    assert b"already used" in Client().get(link[1], follow=True).content


def test_the_link_leads_where_the_settings_say(mira: User, settings: Any) -> None:
    settings.DESK_URL, settings.ALLOWED_HOSTS, settings.HTTPS = "", [".company.example"], True
    password_mail.send(mira.pk)
    assert "https://company.example/password/new/" in mail.outbox[-1].body


@pytest.mark.parametrize(("chosen", "language"), [("de", "de"), ("en", "en"), ("", "en")])
def test_the_mail_is_written_in_the_language_of_its_reader(
    mira: User, monkeypatch: pytest.MonkeyPatch, chosen: str, language: str
) -> None:
    monkeypatch.setattr(password_mail, "render_to_string", lambda *_: translation.get_language())
    User.objects.filter(pk=mira.pk).update(language=chosen)
    with translation.override("es"):
        password_mail.send(mira.pk)
    assert mail.outbox[-1].body == language


@pytest.mark.parametrize(("seconds", "hours"), [(3600, "1 hour."), (3 * 3600, "3 hours.")])
def test_the_pages_name_the_time_that_the_settings_give_a_link(
    db: None, client: Client, settings: Any, seconds: int, hours: str
) -> None:
    settings.PASSWORD_RESET_TIMEOUT = seconds
    assert f"works once, for {hours}" in client.get(reverse("password_reset_done")).content.decode()
    old = client.get(reverse("password_reset_confirm", args=["MQ", "no-token"]))
    assert f"older than {hours}" in old.content.decode()


def test_an_account_without_a_password_gets_no_mail(mira: User) -> None:
    mira.set_unusable_password()
    mira.save()
    assert password_mail.send(mira.pk) == "nobody" and not mail.outbox


def test_a_deactivated_member_gets_no_mail(mira: User) -> None:
    User.objects.filter(pk=mira.pk).update(is_active=False)
    assert password_mail.send(mira.pk) == "nobody" and not mail.outbox


def test_the_demo_keeps_the_mail_as_a_file(mira: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
    password_mail.send(mira.pk)
    files = list(Path(settings.MAIL_DIR).glob("out/*.eml"))
    assert len(files) == 1 and b"/password/new/" in files[0].read_bytes()


@pytest.mark.parametrize("email", ["", "no address", "a@b", "x" * 400 + "@a.example"])
def test_an_invalid_address_is_an_error_of_the_form(db: None, email: str) -> None:
    answer = ask(email)
    assert answer.status_code == 200 and b'aria-invalid="true"' in answer.content
