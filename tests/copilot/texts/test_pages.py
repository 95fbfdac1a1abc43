"""The pages on which leads change prompts and voice, used as a browser without scripts would."""

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from copilot import prompts
from copilot.models import ModelCall, TextVersion
from copilot.text_changes import versions
from tests import cast
from tests.copilot.texts.conftest import changed, kind, put_into_use, saved, with_task

NAMES = ["article-1", "point-1", "revise-1", "say-1", "summary-1", "verify-1", "voice"]
TRIED = ["point-1", "say-1", "verify-1"]


@pytest.fixture
def rosa_at(db: None, client: Client) -> Client:
    client.force_login(cast.rosa())
    return client


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


class Form(HTMLParser):
    """What a browser would send from the form with the text area "note", without scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.buttons: list[dict[str, str | None]] = []
        self.labels: set[str] = set()
        self.ids: dict[str, str] = {}
        self.area = self.select = ""
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = "text-form" in (given.get("class") or "")
        if not self.inside:
            return
        name = given.get("name") or ""
        if tag == "label":
            self.labels.add(given.get("for") or "")
        if tag == "button":
            self.buttons.append(given)
        if tag == "input" and name != "csrfmiddlewaretoken":
            self.values[name] = given.get("value") or ""
        if tag == "textarea":
            self.area = name
            self.values[name] = ""
        if tag == "select":
            self.select = name
        if tag == "option" and ("selected" in given or self.select not in self.values):
            self.values[self.select] = given.get("value") or ""
        if tag in ("input", "textarea", "select") and given.get("type") != "hidden":
            self.ids[name] = given.get("id") or ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        if tag == "form":
            self.inside = False


def form(answer: Any) -> Form:
    return Form(answer.content.decode())


def page(client: Client, name: str, **query: Any) -> Any:
    return client.get(reverse("copilot:text", args=[name]), query)


def send(client: Client, name: str, values: dict[str, str], **more: str) -> Any:
    return client.post(reverse("copilot:text", args=[name]), values | more)


def activate(client: Client, name: str, number: int, seen: int) -> Any:
    return client.post(reverse("copilot:text_activate", args=[name, number]), {"seen": seen})


@pytest.mark.parametrize("who", ["mira", "ken", "otto"])
def test_only_leads_may_look_or_change(client: Client, db: None, who: str) -> None:
    client.force_login(getattr(cast, who)())
    assert client.get(reverse("copilot:texts")).status_code == 403
    assert activate(client, "point-1", 0, 0).status_code == 403


class TestTheList:
    def test_each_text_says_what_it_is_for_and_what_is_in_use(self, rosa_at: Client) -> None:
        put_into_use("point-1", saved("point-1").number)
        said = words(rosa_at.get(reverse("copilot:texts")))
        for part in ("Which sources answer", "Translation", "Check of a sentence", "Voice", "Articles from replies"):
            assert part in said
        assert "version 1" in said and "Rosa Marchetti" in said and said.count("never changed") == len(NAMES) - 1

    def test_calls_of_this_week_and_their_median_time(self, rosa_at: Client) -> None:
        for days, ms in ((1, 400), (2, 600), (3, 2000), (8, 90000)):
            at = timezone.now() - timedelta(days=days)
            ModelCall.objects.create(
                purpose="point", prompt_version=f"point-1@{days}", messages=[], model="x", total_ms=ms, created_at=at
            )
        assert re.search(r"Which sources answer .*? 3 0\.6 s", words(rosa_at.get(reverse("copilot:texts"))))

    def test_it_asks_the_database_as_often_whatever_there_is(self, rosa_at: Client) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                rosa_at.get(reverse("copilot:texts"))
            return len(asked)

        before = queries()
        for name in TRIED:
            put_into_use(name, saved(name).number)
        assert queries() == before


class TestTheForm:
    @pytest.mark.parametrize("name", NAMES)
    def test_sent_back_untouched_it_changes_nothing(self, rosa_at: Client, name: str) -> None:
        answer = send(rosa_at, name, form(page(rosa_at, name)).values)
        assert answer.status_code == 422 and "word for word the version in use" in words(answer)
        assert TextVersion.objects.count() == 0

    def test_a_change_becomes_a_draft_that_nothing_uses(self, rosa_at: Client) -> None:
        values = form(page(rosa_at, "point-1")).values
        values["system"] += " Be brief."
        answer = send(rosa_at, "point-1", values, note="Too many words")
        assert answer.status_code == 302 and answer.headers["Location"].endswith("/point-1/1/?done=saved")
        version = TextVersion.objects.get()
        assert (version.note, version.created_by) == ("Too many words", cast.rosa())
        assert prompts.parsed("point-1", version.texts, version.languages).prefix[0]["content"].endswith(" Be brief.")
        assert versions.in_use(kind("point-1")).number == 0

    def test_bad_input_loses_nothing(self, rosa_at: Client) -> None:
        """It is saved as a draft, the page says what is wrong and where, and it cannot be used."""
        values = form(page(rosa_at, "point-1")).values | {"turn": "{evidence}\r\n{ask} {", "examples.0.answer": "77"}
        answer = rosa_at.get(send(rosa_at, "point-1", values).headers["Location"])
        said = words(answer)
        assert "How it is asked A brace has no partner" in said and "Example 1: Right answer The answer must be" in said
        assert "Put into use" not in said
        assert activate(rosa_at, "point-1", 1, 0).status_code == 422
        again = form(page(rosa_at, "point-1", version=1)).values
        assert (again["turn"], again["examples.0.answer"]) == ("{evidence}\n{ask} {", "77")

    def test_examples_are_added_moved_and_removed_without_saving(self, rosa_at: Client) -> None:
        values = form(page(rosa_at, "say-1")).values
        answers = [values[f"examples.{at}.answer"] for at in range(5)]
        shown = form(send(rosa_at, "say-1", values | {"system": "Half a thought"}, change="down:0"))
        assert shown.values["system"] == "Half a thought"
        assert [shown.values[f"examples.{at}.answer"] for at in range(2)] == [answers[1], answers[0]]
        shown = form(send(rosa_at, "say-1", shown.values, change="up:1"))
        assert [shown.values[f"examples.{at}.answer"] for at in range(2)] == answers[:2]
        shown = form(send(rosa_at, "say-1", shown.values, change="remove:4"))
        assert shown.values["examples"] == "4" and "examples.4.answer" not in shown.values
        shown = form(send(rosa_at, "say-1", shown.values, change="add"))
        assert shown.values["examples"] == "5" and shown.values["examples.4.answer"] == ""
        assert TextVersion.objects.count() == 0

    @pytest.mark.parametrize("change", ["up:0", "down:99", "remove:²", "up:", "x", "remove:-1"])
    def test_a_change_that_is_none_changes_nothing(self, rosa_at: Client, change: str) -> None:
        values = form(page(rosa_at, "say-1")).values
        again = form(send(rosa_at, "say-1", values, change=change)).values
        assert again == values

    def test_it_works_with_the_keyboard_alone(self, rosa_at: Client) -> None:
        """Every field has a label, every button a name of its own, Enter saves, and nothing leaves the order of Tab."""
        answer = page(rosa_at, "point-1")
        shown = form(answer)
        assert {shown.ids[name] for name in shown.ids} <= shown.labels
        assert all(shown.ids.values()) and len(set(shown.ids.values())) == len(shown.ids)
        first, *others = shown.buttons
        assert first.get("type") == "submit" and "name" not in first, "Enter presses the first button of a form"
        assert all(button.get("type") == "submit" and button.get("tabindex") is None for button in others)
        names = [button["aria-label"] for button in others if button.get("aria-label")]
        assert len(names) == len(set(names)) == 3 * int(shown.values["examples"])
        text = answer.content.decode()
        assert "tabindex=" not in text.replace('tabindex="-1" aria-hidden="true"', "").replace('tabindex="0"', "")

    def test_after_a_move_the_example_has_the_focus(self, rosa_at: Client) -> None:
        answer = send(rosa_at, "say-1", form(page(rosa_at, "say-1")).values, change="down:1").content.decode()
        (focused,) = re.findall(r'<textarea id="([^"]+)"[^>]* autofocus', answer)
        assert focused == "example-2-unit"

    def test_control_characters_are_left_out(self, rosa_at: Client) -> None:
        values = form(page(rosa_at, "point-1")).values
        send(rosa_at, "point-1", values | {"system": values["system"] + " \x07Be\x1b brief.\x7f"})
        assert TextVersion.objects.get().texts.count("Be brief.") == 1


class TestOneVersion:
    def test_it_is_compared_with_what_is_in_use_and_with_the_file(self, rosa_at: Client) -> None:
        put_into_use("point-1", saved("point-1").number)
        saved("point-1", with_task("point-1", "Be exact."))
        answer = rosa_at.get(reverse("copilot:text_version", args=["point-1", 2]))
        assert answer.content.decode().count("<ins>exact</ins>") == 1
        said = words(answer)
        assert "Compared with what is in use" in said and "Compared with the shipped version" in said
        assert "1 line differs" in said

    def test_it_is_put_into_use_by_one_button_that_says_what_changes(self, rosa_at: Client, looks: None) -> None:
        saved("point-1")
        said = words(rosa_at.get(reverse("copilot:text_version", args=["point-1", 1])))
        assert "New drafts use it within seconds" in said and "measured with the shipped version" in said
        answer = activate(rosa_at, "point-1", 1, 0)
        assert answer.status_code == 302
        assert "Every process uses it within seconds" in words(rosa_at.get(answer.headers["Location"]))
        assert prompts.load("point-1").version == TextVersion.objects.get().version

    def test_back_to_the_file_by_one_button(self, rosa_at: Client, looks: None) -> None:
        put_into_use("verify-1", saved("verify-1").number)
        page_of_file = rosa_at.get(reverse("copilot:text_version", args=["verify-1", 0]))
        assert "Go back to the shipped version" in words(page_of_file)
        assert "The measured figures count again" in words(page_of_file)
        activate(rosa_at, "verify-1", 0, 1)
        assert prompts.is_as_shipped("verify-1")

    @pytest.mark.parametrize("seen", ["0", "7", "", "x"])
    def test_who_saw_an_older_state_is_shown_the_new_one(self, rosa_at: Client, seen: str) -> None:
        put_into_use("point-1", saved("point-1").number)
        saved("point-1", with_task("point-1", "Be exact."))
        answer = rosa_at.post(reverse("copilot:text_activate", args=["point-1", 2]), {"seen": seen})
        assert answer.status_code == 409 and "somebody else has changed" in words(answer)
        assert 'name="seen" value="1"' in answer.content.decode()
        assert versions.in_use(kind("point-1")).number == 1

    def test_what_is_not_there_is_a_404(self, rosa_at: Client) -> None:
        saved("point-1")
        for name, number in (("point-1", 2), ("nothing", 0), ("languages", 0)):
            assert rosa_at.get(reverse("copilot:text_version", args=[name, number])).status_code == 404
            assert activate(rosa_at, name, number, 0).status_code == 404

    def test_a_broken_one_in_use_is_shown_as_such_on_every_page(self, rosa_at: Client) -> None:
        version = saved("point-1")
        put_into_use("point-1", 1)
        for texts in (version.texts.replace("{evidence}", "{proof}"), "no toml"):
            TextVersion.objects.filter(pk=version.pk).update(texts=texts)
            assert "cannot be used" in words(rosa_at.get(reverse("copilot:texts")))
            assert "Drafts use the shipped version" in words(page(rosa_at, "point-1"))
            shown = rosa_at.get(reverse("copilot:text_version", args=["point-1", 1]))
            assert "What must be mended first" in words(shown)


class TestTheVoice:
    def test_a_sentence_is_previewed_saved_and_used(self, rosa_at: Client, looks: None) -> None:
        values = form(page(rosa_at, "voice")).values | {"de.closing": "Viele Grüße\r\nIhr Team"}
        shown = send(rosa_at, "voice", values, change="preview")
        assert "Hallo Lena, [What the articles say" in words(shown) and "Viele Grüße Ihr Team" in words(shown)
        assert TextVersion.objects.count() == 0
        send(rosa_at, "voice", values)
        data = kind("voice").read(TextVersion.objects.get().texts)
        assert data == changed("voice", lambda given: given["de"].update(closing="Viele Grüße\nIhr Team"))
        assert activate(rosa_at, "voice", 1, 0).status_code == 302

    def test_what_may_not_be_said_is_named_beside_its_field(self, rosa_at: Client) -> None:
        values = form(page(rosa_at, "voice")).values | {"fr.opening": "Cela coûte 5 €."}
        answer = rosa_at.get(send(rosa_at, "voice", values).headers["Location"])
        assert "fr: First sentence “5” looks like a fact" in words(answer)
        assert 'aria-describedby="voice-fr.opening-errors"' in page(rosa_at, "voice", version=1).content.decode()
