"""Which language a page has: a member's own choice, else the browser's, else the installation's."""

from typing import Any

import pytest
from django.test import Client

from config.web import texts
from config.web.language import desk_language
from tickets.models import User

GERMAN = {"accept-language": "de-DE,de;q=0.9,en;q=0.8"}
pytestmark = pytest.mark.django_db


def language_at(client: Client, path: str, **headers: str) -> str:
    page = client.get(path, headers=headers).content.decode()
    return page.split('<html lang="')[1].split('"')[0]


def test_the_log_in_page_is_in_the_language_of_the_browser(client: Client) -> None:
    assert language_at(client, "/login/", **GERMAN) == "de"
    assert language_at(client, "/login/") == "en"


def test_a_browser_whose_language_is_not_complete_gets_the_default(client: Client, settings: Any) -> None:
    assert language_at(client, "/login/", **{"accept-language": "fr"}) == "en"
    settings.LANGUAGE_CODE = "de"
    assert language_at(client, "/login/", **{"accept-language": "sv"}) == "de"


@pytest.mark.parametrize(
    ("accepted", "language"), [("fr,de;q=0.8,en;q=0.5", "de"), ("es, de-AT", "de"), ("de;q=0", "en")]
)
def test_the_first_language_of_the_browser_that_the_desk_speaks_counts(
    client: Client, accepted: str, language: str
) -> None:
    assert language_at(client, "/login/", **{"accept-language": accepted}) == language


def test_a_members_choice_takes_precedence_over_the_browser(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert language_at(client, "/desk/", **GERMAN) == "de"
    mira.language = "en"
    mira.save()
    assert language_at(client, "/desk/", **GERMAN) == "en"


def test_choosing_a_language_saves_it(client: Client, mira: User) -> None:
    client.force_login(mira)
    client.post("/preferences", {"theme": "dark", "language": "de", "single_keys": "on"})
    mira.refresh_from_db()
    assert mira.language == "de" and language_at(client, "/desk/") == "de"


def test_a_language_that_does_not_exist_is_refused(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert client.post("/preferences", {"theme": "dark", "language": "xx"}).status_code == 422


def test_public_pages_speak_the_language_of_their_address_and_touch_no_session(client: Client, mira: User) -> None:
    client.force_login(mira)
    answer = client.get("/help/en/", headers=GERMAN)
    assert '<html lang="en"' in answer.content.decode()
    assert "Cookie" not in answer.headers.get("Vary", "") and "Accept-Language" not in answer.headers.get("Vary", "")


def test_one_page_does_not_leave_its_language_to_the_next(client: Client) -> None:
    client.get("/login/", headers=GERMAN)
    assert language_at(client, "/login/") == "en"


def test_mail_to_a_member_is_in_a_language_of_the_desk(settings: Any) -> None:
    assert [desk_language(each) for each in ("de", "fr", "")] == ["de", "en", "en"]


# --- the scripts' texts -----------------------------------------------------------------------


def test_english_scripts_need_no_file(client: Client) -> None:
    assert texts.address_of("en") == ""
    assert "/texts/" not in client.get("/login/").content.decode()


def test_a_german_page_loads_the_texts_of_its_scripts_once(client: Client) -> None:
    address = texts.address_of("de")
    assert f'src="{address}"' in client.get("/login/", headers=GERMAN).content.decode()
    answer = client.get(address)
    assert "django.gettext" in answer.content.decode() and "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/texts/de.000000000000.js", "/texts/xx.none.js", "/texts/en.none.js?x"])
def test_texts_of_another_release_or_language_are_404(client: Client, path: str) -> None:
    assert client.get(path).status_code == (200 if "en." in path else 404)
