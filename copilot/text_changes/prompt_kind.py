"""A prompt as a form: the task, how it is asked, and worked examples as fields."""

from collections.abc import Iterator
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from config.numbers import whole
from copilot import prompts
from copilot.prompts import checks
from copilot.prompts.checks import Fault
from copilot.text_changes.kinds import Data, Kind, of_place, said

MOST_ROWS = 30  # of examples that the form reads
ANSWERED = ("point", "say", "verify")  # what replies to customers are made with


class PromptKind(Kind):
    template = "copilot/texts/_prompt_form.html"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.tried = checks.base(name) in ANSWERED

    @property
    def shipped_texts(self) -> str:
        return prompts.sources(prompts.HERE, self.name)[0]

    @property
    def languages(self) -> str:
        return prompts.sources(prompts.HERE, self.name)[1]

    def normal(self, data: Data) -> Data:
        try:
            return {
                "refusal": data["refusal"],
                "turn": data["turn"].strip(),
                "system": data["system"].strip(),
                "items": dict(data["items"]),
                "asks": {ask: text.strip() for ask, text in data["asks"].items()},
                "examples": [_example(example) for example in data["examples"]],
            }
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a prompt: {error!r}") from error

    def posted(self, post: QueryDict) -> Data:
        shipped = self.shipped
        count = min(whole(post.get("examples", "")) or 0, MOST_ROWS)
        data = {
            "refusal": shipped["refusal"],
            "turn": said(post, "turn"),
            "system": said(post, "system"),
            "items": shipped["items"],
            "asks": {ask: said(post, f"asks.{ask}") for ask in shipped["asks"]},
            "examples": [_posted_example(post, at, shipped) for at in range(count)],
        }
        return data | {"examples": _moved(data["examples"], post.get("change", ""), shipped)}

    def faults(self, data: Data) -> list[Fault]:
        return checks.faults(self.name, data, self.shipped)

    def fields(self, data: Data, faults: list[Fault]) -> dict[str, Any]:
        shipped = self.shipped
        count = len(data["examples"])
        return {
            "system": {"value": data["system"], "errors": of_place(faults, "system")},
            "turn": {"value": data["turn"], "errors": of_place(faults, "turn")},
            "placeholders": sorted(checks.placeholders(shipped["turn"])),
            "asks": [
                {"name": ask, "value": text, "errors": of_place(faults, f"asks.{ask}")}
                for ask, text in data["asks"].items()
            ],
            "examples": [_shown(at, count, example, shipped, faults) for at, example in enumerate(data["examples"])],
            "errors": [said for place in ("examples", "items", "length") for said in of_place(faults, place)],
            "size": checks.size(data),
            "most": checks.MOST_SIZE,
        }

    def readable(self, data: Data) -> str:
        lines = [f"# {_('Task')}", data["system"], "", f"# {_('How it is asked')}", data["turn"]]
        for ask, text in data["asks"].items():
            lines += ["", f"# {_('Question')}: {ask}", text]
        for number, example in enumerate(data["examples"], start=1):
            lines += ["", f"# {_('Example')} {number}"]
            lines += [f"{material(field)}: {_lines(value)}" for field, value in example.items()]
        return "\n".join(lines)


def _example(example: Data) -> dict[str, Any]:
    """An empty field is left out where the reader does not need it."""
    return {name: value if isinstance(value, list) else value.strip() for name, value in example.items()}


def _posted_example(post: QueryDict, at: int, shipped: Data) -> dict[str, Any]:
    found: dict[str, Any] = {"ask": said(post, f"examples.{at}.ask")}
    if any("language" in example for example in shipped["examples"]):
        found["language"] = said(post, f"examples.{at}.language")
    for name in checks.material_names(shipped):
        text = said(post, f"examples.{at}.{name}")
        found[name] = text.splitlines() if text and name in checks.list_names(shipped) else text
    return found | {"answer": said(post, f"examples.{at}.answer")}


def _moved(examples: list[Any], change: str, shipped: Data) -> list[Any]:
    """`change`: add, or up:2, down:2, remove:2."""
    verb, _colon, place = change.partition(":")
    at = whole(place)
    if verb == "add":
        ask = next(iter(shipped["asks"]))
        return [*examples, _posted_example(QueryDict(), 0, shipped) | {"ask": ask}]
    if at is None or at >= len(examples):
        return examples
    kept = examples[:at] + examples[at + 1 :]
    if verb == "remove":
        return kept
    if verb in ("up", "down"):
        kept.insert(max(0, at - 1) if verb == "up" else at + 1, examples[at])
        return kept
    return examples


def _shown(at: int, count: int, example: Data, shipped: Data, faults: list[Fault]) -> dict[str, Any]:
    place = f"examples.{at}"
    names = [*checks.material_names(shipped), "answer"]
    return {
        "at": at,
        "number": at + 1,
        "first": at == 0,
        "last": at == count - 1,
        "ask": example.get("ask", ""),
        "asks": list(shipped["asks"]),
        "language": example.get("language"),
        "errors": of_place(faults, f"{place}.ask"),
        "fields": [
            {
                "name": name,
                "label": material(name),
                "value": _lines(example.get(name, "")),
                "errors": of_place(faults, f"{place}.{name}"),
            }
            for name in names
        ],
    }


def _lines(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "\n".join(value)


def names() -> Iterator[str]:
    """The newest released prompt of each task."""
    newest: dict[str, int] = {}
    for path in prompts.HERE.glob("*-*.toml"):
        task, _dash, number = path.stem.rpartition("-")
        newest[task] = max(newest.get(task, 0), whole(number) or 0)
    yield from (f"{task}-{number}" for task, number in sorted(newest.items()))


def material(field: str) -> str:
    """The name of a field of an example; the model's own names where there is no better one."""
    known = {
        "answer": _("Right answer"),
        "ask": _("Question"),
        "message": _("Message from the customer"),
        "evidence": _("Numbered lines"),
        "source": _("Source"),
        "claim": _("Sentence to check"),
        "unit": _("Line to translate"),
        "questions": _("Questions"),
        "answers": _("Agents’ replies"),
        "line": _("Sentence to revise"),
        "wish": _("Wish"),
    }
    return known.get(field, field)
