"""What a changed prompt must have before it may be used: compared with the one that is shipped. Pure.

Code puts material into the placeholders and understands certain answers only, so these are the shipped ones.
"""

import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Data = Mapping[str, Any]
MOST_EXAMPLES = 16
MOST_SIZE = 8000  # see `size`: what the model reads before every question; the rest of its context is for the question
WIDE = 0x2E80  # from here on a character is about a token, before it a quarter
NO_MATERIAL = ("ask", "language", "answer")


@dataclass(frozen=True)
class Fault:
    """`place` names the field: turn, asks.point, examples.2.answer. `said`: what is wrong, for people."""

    place: str
    said: str


def faults(name: str, data: Data, shipped: Data) -> list[Fault]:
    return [*_structure(data, shipped), *_examples(name, data, shipped), *_length(data)]


def _structure(data: Data, shipped: Data) -> Iterator[Fault]:
    if not data["system"].strip():
        yield Fault("system", _("Write what the model’s task is."))
    elif shipped["refusal"] not in data["system"]:
        answer = shipped["refusal"]
        yield Fault(
            "system", _("Say when to answer “%(answer)s”: the code understands this answer.") % {"answer": answer}
        )
    if (data["refusal"], data["items"]) != (shipped["refusal"], shipped["items"]):
        yield Fault("items", _("The layout of lists and the words of a refusal cannot be changed: code reads them."))
    yield from _template("turn", data["turn"], shipped["turn"])
    for ask, text in shipped["asks"].items():
        yield from _template(f"asks.{ask}", data["asks"].get(ask, ""), text)
    for ask in sorted(set(data["asks"]) - set(shipped["asks"])):
        yield Fault(f"asks.{ask}", _("Nothing in the code asks this."))


def _template(place: str, text: str, shipped: str) -> Iterator[Fault]:
    if not text.strip():
        yield Fault(place, _("Nothing is written here."))
        return
    try:
        found, wanted = placeholders(text), placeholders(shipped)
    except ValueError:
        yield Fault(place, _("A brace has no partner. To write a brace, double it: {{ or }}."))
        return
    for name in sorted(wanted - found):
        yield Fault(place, _("The placeholder %(name)s is missing.") % {"name": f"{{{name}}}"})
    for name in sorted(found - wanted):
        yield Fault(place, _("%(name)s is no placeholder here.") % {"name": f"{{{name}}}"})


def placeholders(template: str) -> set[str]:
    """Their names, with whatever else stands between the braces, so that `{ask!r}` is another one than `{ask}`."""
    found = set()
    for _text, name, spec, conversion in string.Formatter().parse(template):
        if name is not None:
            found.add(name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else ""))
    return found


def _examples(name: str, data: Data, shipped: Data) -> Iterator[Fault]:
    examples = data["examples"]
    if not examples:
        yield Fault("examples", _("The model needs at least one worked example."))
    if len(examples) > MOST_EXAMPLES:
        yield Fault("examples", _("At most %(most)d worked examples.") % {"most": MOST_EXAMPLES})
    materials, needed = material_names(shipped), _never_empty(shipped)
    for at, example in enumerate(examples):
        place = f"examples.{at}"
        if example.get("ask", "") not in shipped["asks"]:
            yield Fault(f"{place}.ask", _("Choose what is asked."))
        for field in (*needed, "answer"):
            if not "".join(example.get(field, "")).strip():
                yield Fault(f"{place}.{field}", _("Nothing is written here."))
        for field in sorted(set(example) - {*materials, *NO_MATERIAL}):
            yield Fault(f"{place}.{field}", _("The question has no place for this."))
        if said := _answer_fault(name, example):
            yield Fault(f"{place}.answer", said)
    if examples and (said := _missing_kind(name, examples)):
        yield Fault("examples", said)


def material_names(shipped: Data) -> list[str]:
    """What an example brings besides question and answer, in the order in which the model reads it."""
    found = [name for _text, name, *_rest in string.Formatter().parse(shipped["turn"]) if name and name != "ask"]
    return list(dict.fromkeys(found))


def list_names(shipped: Data) -> set[str]:
    """Material of the examples that is a list."""
    return {name for example in shipped["examples"] for name, value in example.items() if isinstance(value, list)}


def _never_empty(shipped: Data) -> list[str]:
    return [name for name in material_names(shipped) if all(example.get(name) for example in shipped["examples"])]


# Prompts whose answers code reads: what it understands, and two kinds that the examples must have, so that the model
# does not learn to answer always the same.


def base(name: str) -> str:
    """`point` of point-1."""
    return name.rpartition("-")[0]


# A line of a summary: what it is about, what it says, and the numbers of the sentences that say it.
MARKED = re.compile(
    r"\W*(?P<about>ASKED|TRIED|FAILED)\s*:\s*(?P<text>\S.*?)\s*(?P<numbers>(?:\[[\d ,;&-]{1,40}\]\s*)+)[.!?]?\Z"
)


def _is_summary(example: Data) -> bool:
    return all(MARKED.match(line.strip()) for line in example.get("answer", "").strip().split("\n"))


def _is_line(example: Data) -> bool:
    answer = example.get("answer", "").strip()
    return answer == "0" or (answer.isascii() and answer.isdigit() and f"[{answer}]" in example.get("evidence", ""))


@dataclass(frozen=True)
class _Answers:
    fits: Callable[[Data], bool]
    said: Any
    kinds: Sequence[str]  # patterns, one for each kind
    both: Any


_ANSWERS = {
    "point": _Answers(
        _is_line,
        gettext_lazy("The answer must be the number of a line in the source, or 0."),
        ("0$", "[1-9]"),
        gettext_lazy("Show both: a question that a line answers, and one with the answer 0."),
    ),
    "verify": _Answers(
        lambda example: example.get("answer", "").strip() in {"Yes", "No"},
        gettext_lazy("The answer must be Yes or No."),
        ("Yes$", "No$"),
        gettext_lazy("Show both: a claim with the answer Yes, and one with No."),
    ),
    "summary": _Answers(
        _is_summary,
        gettext_lazy("Each line must begin with ASKED:, TRIED: or FAILED: and end with numbers such as [3]."),
        ("ASKED", r"[\s\S]*\bFAILED"),
        gettext_lazy("Show both: a line that begins with ASKED:, and one that begins with FAILED:."),
    ),
}


def _answer_fault(name: str, example: Data) -> str:
    answers = _ANSWERS.get(base(name))
    if answers is None or not example.get("answer", "").strip() or answers.fits(example):
        return ""
    return str(answers.said)


def _missing_kind(name: str, examples: Sequence[Data]) -> str:
    answers = _ANSWERS.get(base(name))
    if answers is None:
        return ""
    given = [example.get("answer", "").strip() for example in examples]
    return "" if all(any(re.match(kind, each) for each in given) for kind in answers.kinds) else str(answers.both)


def _length(data: Data) -> Iterator[Fault]:
    if (long := size(data)) > MOST_SIZE:
        figures = {"long": long, "most": MOST_SIZE}
        yield Fault(
            "length", _("Too long: %(long)d characters of at most %(most)d. The model reads all of it.") % figures
        )


def size(data: Data) -> int:
    """Characters that the model reads before each question. One of Chinese or Japanese counts as four."""
    texts = [data["system"], data["turn"], *data["asks"].values()]
    texts += ["".join(value) for example in data["examples"] for value in example.values()]
    return sum(4 if ord(char) >= WIDE else 1 for text in texts for char in text)
