"""Every text that people read can be translated, is collected in locale/, and is translated where we say so."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from django.conf import settings

from tests.modules import ROOT, tracked

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")
# The public pages: what stands in these files is translated into every language.
PUBLIC = (
    "templates/help/",
    "templates/tickets/contact",
    "knowledge/help_center/",
    "tickets/contact/",
    "knowledge/text/rendering.py",
    "config/web/public_site",
)


def messages(po: Path) -> list[Message]:
    with po.open("rb") as file:
        return [message for message in read_po(file) if message.id]


def ids(message: Message) -> tuple[str, ...]:
    """Singular and plural."""
    return message.id if isinstance(message.id, tuple) else (message.id,)


def translations(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def missing(found: Iterable[Message]) -> list[str]:
    return [ids(message)[0] for message in found if not all(translations(message))]


def catalogs(language: str) -> list[Path]:
    return sorted((ROOT / "locale" / language).glob("LC_MESSAGES/*.po"))


def test_make_texts_finds_nothing_missing(tmp_path: Path) -> None:
    """`make texts` on a copy of the sources changes no catalogue, and no compiled one."""
    for path in tracked():
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    subprocess.run([sys.executable, str(tmp_path / "scripts" / "texts.py")], check=True, capture_output=True, text=True)
    for ours in sorted((ROOT / "locale").rglob("*.po")):
        theirs = tmp_path / ours.relative_to(ROOT)
        assert [ids(each) for each in messages(theirs)] == [ids(each) for each in messages(ours)], "run `make texts`"
        assert compiled(theirs) == compiled(ours), "run `make texts`"


def compiled(po: Path) -> dict[object, str]:
    with po.with_suffix(".mo").open("rb") as file:
        return GNUTranslations(file)._catalog  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("language", [each for each in settings.DESK_LANGUAGES if each != "en"])
def test_a_language_of_the_desk_is_complete(language: str) -> None:
    assert [missing(messages(po)) for po in catalogs(language)] == [[], []]


@pytest.mark.parametrize("language", [each for each, _ in settings.LANGUAGES if each != "en"])
def test_the_public_pages_speak_every_language(language: str) -> None:
    public = [each for po in catalogs(language) for each in messages(po) if is_public(each)]
    assert len(public) > 50
    assert missing(public) == []


def is_public(message: Message) -> bool:
    return any(file.startswith(PUBLIC) for file, _ in message.locations)


@pytest.mark.parametrize("language", [each for each, _ in settings.LANGUAGES if each != "en"])
def test_translations_keep_the_placeholders_and_none_is_fuzzy(language: str) -> None:
    for message in (each for po in catalogs(language) for each in messages(po)):
        assert not message.fuzzy, message.id
        allowed = [set(PLACEHOLDER.findall(text)) for text in ids(message)]  # a singular may leave the number out
        assert [text for text in translations(message) if text and set(PLACEHOLDER.findall(text)) not in allowed] == []


# --- templates -----------------------------------------------------------------------------

TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
TRANSLATED = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.S)
REMARK = re.compile(r"{#.*?#}|{%\s*comment\b.*?endcomment\s*%}|<!--.*?-->", re.S)
EXPRESSION = re.compile(r"{%.*?%}|{{.*?}}", re.S)
# Attributes that people see or hear.
SHOWN = re.compile(r'\b(?:title|aria-label|aria-description|placeholder|alt|data-label|data-text)="([^"]*)"')
TAG = re.compile(r"<[^>]*>")
WORD = re.compile(r"[^\W\d_]{2,}")
# Names of products, keys and formats, and HTML's entities: the same in every language.
SAME = set("Copydesk Esc Ctrl CSV Markdown nbsp middot times larr rarr mdash ndash hellip amp quot".split())  # noqa: SIM905


def bare_words(source: str) -> list[str]:
    """Words of a template that no translation reaches."""
    source = EXPRESSION.sub(" ", REMARK.sub(" ", TRANSLATED.sub(" ", source)))
    text = " ".join([TAG.sub(" ", source), *SHOWN.findall(source)])
    return [word for word in WORD.findall(text) if word not in SAME]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_has_no_bare_words(template: Path) -> None:
    assert bare_words(template.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    ["<p>Open</p>", '<a title="Open it"></a>', "{% if x %}Open{% endif %}", "{{ x }} open"],
)
def test_bare_words_are_found(source: str) -> None:
    assert "open" in " ".join(bare_words(source)).lower()


@pytest.mark.parametrize(
    "source",
    [
        '<p>{% translate "Open" %}</p>',
        '<a title="{% translate "Open" %}"></a>',
        "{% blocktranslate %}Open {{ x }}{% endblocktranslate %}",
    ],
)
def test_translated_words_are_not(source: str) -> None:
    assert bare_words(source) == []
