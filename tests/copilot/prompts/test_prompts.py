"""Prompts: what the model reads stays what was measured, and all of it counts for the version."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from copilot import prompts

NAMES = sorted(path.stem for path in prompts.HERE.glob("*.toml") if path.name != prompts.LANGUAGES)
# Which released prompt, and what is asked of it.
ASKS = (
    ("article-1", "article"),
    ("point-1", "point"),
    ("revise-1", "instruct"),
    ("say-1", "say"),
    ("summary-1", "summary"),
    ("verify-1", "stated"),
)
GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text(encoding="utf-8"))
BARE = """
refusal = ""
system = ""
turn = "{excerpts}{message}{ask}"
examples = []
items.excerpts = "{number}{text}"
asks.reply = "{language}"
"""


def cases() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, ask in ASKS:
        for case in GOLDEN[name]["cases"]:
            yield name, ask, case


@pytest.mark.parametrize(("name", "ask", "case"), list(cases()))
def test_the_released_prompts_say_what_they_said_to_the_letter(name: str, ask: str, case: dict[str, Any]) -> None:
    given = {key: value for key, value in case.items() if key not in {"last", "language"}}
    *prefix, last = prompts.load(name).messages(ask, case.get("language", ""), **given)
    assert prefix == GOLDEN[name]["prefix"]
    assert last == {"role": "user", "content": case["last"]}


def test_no_word_that_a_model_reads_stands_outside_the_files(tmp_path: Path) -> None:
    """With empty files nothing is left but what was put in."""
    (tmp_path / "bare.toml").write_text(BARE)
    (tmp_path / prompts.LANGUAGES).write_text('en = ""\n')
    said = prompts.read(tmp_path, "bare").messages("reply", "de", excerpts=["Two cards", "One card"], message="Why?")
    assert said == [{"role": "system", "content": ""}, {"role": "user", "content": "1Two cards2One cardWhy?"}]


@pytest.mark.parametrize("changed", [*NAMES, "languages"])
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_text_is_a_changed_version(tmp_path: Path, name: str, changed: str) -> None:
    """Each prompt with its own file and the languages; other prompts' files do not count."""
    for file in prompts.HERE.glob("*.toml"):
        said = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(said.replace("e", "ee", 1) if file.stem == changed else said)
    version = prompts.read(tmp_path, name).version
    assert (version == prompts.load(name).version) is (changed not in {name, "languages"})


@pytest.mark.parametrize("name", NAMES)
def test_the_model_is_told_the_words_of_a_refusal_if_it_may_refuse(name: str) -> None:
    prompt = prompts.load(name)
    assert prompt.refusal in prompt.prefix[0]["content"]


@pytest.mark.parametrize("said", ["{ask}", "{0} %s $x", "{{}}", "{"])
def test_what_people_wrote_is_never_read_as_a_template(said: str) -> None:
    content = prompts.load("point-1").messages("point", evidence=f"[1] {said}", message=said)[-1]["content"]
    assert f"[1] {said}\n" in content and f"Customer:\n{said}\n" in content
