"""Reasons and errors are stored in English and shown in the language of the page."""

import ast
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from tests.modules import modules
from tests.tickets.mails import raw
from tickets.mail import intake
from tickets.models import User, stored_texts

# Where such a text is written: functions with its place among their arguments, variables, and what `refusal` returns.
TAKES = {"Automatic": 1, "UnreadableMail": 0, "MailError": 0, "dumps": 0}
TAKES |= {"_settle": 2, "_quarantine_safely": 1, "_accepted": 2, "_uncertain": 1}
VARIABLES = {"problem", "why", "error"}
GERMAN = {
    "Automatic reply, by its subject": "Automatische Antwort, laut Betreff",
    "Larger than %(size)s MB": "Größer als %(size)s MB",
    "Decided by a member. Before: %(reason)s": "Von einem Teammitglied entschieden. Vorher: %(reason)s",
}


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_texts, "gettext", lambda text: GERMAN.get(text, text))


def written(tree: ast.AST) -> Iterator[str]:
    """Texts that are written where such a text is stored; values in them are `0`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in TAKES and len(node.args) > TAKES[name]:
                yield from texts(node.args[TAKES[name]])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in VARIABLES:
            yield from texts(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name == "refusal":
            yield from (text for each in ast.walk(node) if isinstance(each, ast.Return) for text in texts(each))


def texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(each.value) if isinstance(each, ast.Constant) else "0" for each in node.values)
    else:
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def test_every_text_that_is_stored_is_known() -> None:
    places = ("tickets.mail.", "tickets.delivery")
    sources = [module.tree for name, module in modules().items() if name.startswith(places)]
    stored = {text for tree in sources for text in written(tree)} - {""}
    assert len(stored) > 30
    known = [pattern for _, pattern in stored_texts._patterns()]
    assert [text for text in sorted(stored) if not any(pattern.fullmatch(text) for pattern in known)] == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Automatic reply, by its subject", "Automatische Antwort, laut Betreff"),
        ("Larger than 25 MB", "Größer als 25 MB"),
        (
            "Decided by a member. Before: Larger than 25 MB",
            "Von einem Teammitglied entschieden. Vorher: Größer als 25 MB",
        ),
        ("from an earlier version", "from an earlier version"),
        ("Larger than 25 %(size)s % MB", "Größer als 25 %(size)s % MB"),
        ("", ""),
    ],
)
def test_a_stored_text_is_shown_in_the_language_of_the_page(german: None, stored: str, shown: str) -> None:
    assert stored_texts.shown(stored) == shown


def test_in_english_it_is_shown_as_it_is_stored() -> None:
    names = ("answer", "code", "detail", "ending", "error", "header", "list", "name", "reason", "size", "status")
    for text in stored_texts.TEXTS:
        stored = text % dict.fromkeys(names, "0")
        assert stored_texts.shown(stored) == stored


@pytest.mark.django_db
@pytest.mark.parametrize(("words", "found"), [("laut Betreff", 1), ("by its subject", 1), ("Größer als", 0)])
def test_the_mail_log_is_searched_in_the_language_of_the_page(
    client: Client, mira: User, german: None, words: str, found: int
) -> None:
    intake.receive(raw(subject="Automatic reply: Calendar"))
    client.force_login(mira)
    page = client.get(reverse("tickets:mail"), {"tab": "ignored", "q": words})
    assert len(page.context["rows"]) == found
    assert ("Automatische Antwort, laut Betreff" in page.content.decode()) == bool(found)
