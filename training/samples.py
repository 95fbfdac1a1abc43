"""`python training/samples.py OUT.json`: the cases as tokens that `train.py` learns from.

With the code of drafts: the evidence of each case is chosen, laid out and turned into tokens as on a desk, so that the
adapter learns what it will read. Needs the default writer and the reranker (`manage.py fetch_models`); no GPU.
"""

import json
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402

from config import catalogue  # noqa: E402
from copilot import prompts  # noqa: E402
from copilot.drafting import pointing, saying  # noqa: E402
from copilot.drafting.answering import Asked  # noqa: E402
from copilot.drafting.pointing import laid_out  # noqa: E402
from copilot.engine.chat import prompt_tokens  # noqa: E402
from copilot.engine.llama import Llama  # noqa: E402
from copilot.engine.settings import EngineSettings  # noqa: E402
from copilot.evaluation import drafts  # noqa: E402
from copilot.evaluation.grounding import PAIRS, TRANSLATIONS, Pair, read_pairs  # noqa: E402
from copilot.evidence.gathering import EvidenceUnit, units_of  # noqa: E402
from copilot.evidence.question_text import shortened  # noqa: E402
from copilot.evidence.units import units  # noqa: E402
from copilot.grounding import checking  # noqa: E402
from tickets import languages  # noqa: E402

EPOCHS = 3  # each shows a case in another way
MOST = 9  # units of an evidence
SAYS, NEARLY, TOUCHES = 0.9, 0.72, 0.6  # shares of an answer's words that a unit holds
CUT = 0.4  # how often a case is also shown without the units that answer it
KEPT_TRANSLATIONS, KEPT_REVISIONS = 150, 120
HELD_OUT = ("j", "m", "z")  # sets that nothing is learnt from: which training is best is judged with them
SAYS_IT_ALL = {"near_verbatim", "translation", "free_translation"}  # kinds whose claim states the source in turn
SAYS_LESS = {"dropped_condition", "negation", "other_plan", "other_word", "stronger"}
SAYS_LESS |= {"wrong_actor", "wrong_number", "wrong_unit"}
SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
WORD = re.compile(r"\w+")

Row = Mapping[str, Any]


# --- which units answer ---


def share(answer: str, unit: EvidenceUnit) -> float:
    """Of the answer's words in the unit and its heading, each as often as it stands there."""
    wanted = WORD.findall(answer.lower())
    there = Counter(WORD.findall(f"{unit.head} {unit.text}".lower()))
    found = 0
    for word in wanted:
        found += there[word] > 0
        there[word] -= 1
    return found / len(wanted) if wanted else 0.0


def sentences(answers: Sequence[str]) -> list[str]:
    return [each for answer in answers for each in SENTENCE_END.split(answer.strip()) if len(WORD.findall(each)) > 1]


def answering(answers: Sequence[str], units: Sequence[EvidenceUnit]) -> set[int]:
    """Places of the units that say the answers: of each sentence the shortest unit that has it whole."""
    found: set[int] = set()
    for sentence in sentences(answers):
        shares = [share(sentence, unit) for unit in units]
        whole = [place for place, each in enumerate(shares) if each >= SAYS]
        nearly = [place for place, each in enumerate(shares) if NEARLY <= each >= max(shares) - 0.03]
        if whole:
            found.add(min(whole, key=lambda place: len(units[place].text)))
        elif len(nearly) == 1:
            found.add(nearly[0])
    return found


# --- how a case is shown ---


def evidences(
    units: Sequence[EvidenceUnit], natural: Sequence[int], answers: Sequence[str], chance: random.Random
) -> Iterator[tuple[int, list[int], set[int]]]:
    """(epoch, places of the units shown, places that answer): as found, mixed, or without the answer."""
    good = answering(answers, units)
    if answers and not good:
        return  # the articles' units do not have it in one piece
    near = {place for text in sentences(answers) for place, unit in enumerate(units) if share(text, unit) >= TOUCHES}
    others = [place for place in range(len(units)) if place not in good | near]
    for epoch in range(EPOCHS):
        as_found = epoch == 0 or chance.random() < 0.4
        shown = with_answer(natural, good, chance) if as_found else mixed(natural, others, good, chance)
        yield epoch, shown, good & set(shown)
        if good and chance.random() < CUT:
            left = [place for place in natural if place in others]
            more = [place for place in others if place not in left]
            left += chance.sample(more, min(len(more), max(0, chance.randint(6, MOST) - len(left))))
            if len(left) > 2:
                yield epoch, sorted(left), set()


def with_answer(natural: Sequence[int], good: set[int], chance: random.Random) -> list[int]:
    """What the search chose; if it missed the answer, that in the place of another unit."""
    shown = list(natural)
    if good and not good & set(shown):
        shown[chance.randrange(len(shown)) if len(shown) == MOST else len(shown) :][:1] = [chance.choice(sorted(good))]
    return sorted(shown)


def mixed(natural: Sequence[int], others: Sequence[int], good: set[int], chance: random.Random) -> list[int]:
    size = chance.randint(4, MOST)
    shown = chance.sample(sorted(good), min(len(good), 2))
    found = chance.sample(left := [place for place in natural if place in others], len(left))
    shown += found[: max(2, round(size * chance.uniform(0.4, 1)))]
    rest = [place for place in others if place not in shown]
    return sorted((shown + chance.sample(rest, min(len(rest), max(0, size - len(shown)))))[:MOST])


# --- tokens ---


class Tokens:
    """The prompts of drafts as tokens, with the writer's own template."""

    def __init__(self) -> None:
        path = catalogue.model_path(settings.COPILOT_MODEL)
        self.llama = Llama(EngineSettings(model_path=path, model_name=settings.COPILOT_MODEL, context=512, slots=1))
        self.end = self.one("<|im_end|>", markup=True)

    def chat(self, name: str, ask: str, language: str = "", **material: Any) -> list[int]:
        messages = prompts.shipped(name).messages(ask, language, **material)
        return prompt_tokens(messages, self.llama.render, self.llama.tokenize)

    def one(self, word: str, markup: bool = False) -> int:
        (token,) = self.llama.tokenize(word, markup)
        return token

    def text(self, text: str) -> list[int]:
        return self.llama.tokenize(text, False)


def point_samples(tokens: Tokens, name: str, rows: Sequence[Row]) -> list[list[dict[str, Any]]]:
    """For each epoch: the tokens of a question, and how much of the probability belongs to each digit.

    Of one set: what becomes of it does not depend on the others.
    """
    chance = random.Random(f"7 {name}")  # noqa: S311
    digits, found = [tokens.one(str(number)) for number in range(MOST + 1)], [[] for _ in range(EPOCHS)]
    articles = {row["group"]: row["articles"] for row in rows if row["type"] == "company"}
    for row in (each for each in rows if each["type"] == "case"):
        case = case_of(row, articles)
        chosen = drafts.evidence_of(case)
        every = units_of(drafts.sections_of(case))
        places = {unit.text: place for place, unit in reversed(list(enumerate(every)))}
        natural = sorted({places[unit.text] for unit in chosen.units})
        for question, answers in asked(row, chosen.questions, shortened(case.question, drafts.QUESTION_WORDS)):
            for epoch, shown, good in evidences(every, natural, answers, chance):
                laid = laid_out([every[place] for place in shown], prompts.shipped(pointing.PROMPT))
                right = [number for number, place in enumerate(shown, start=1) if place in good] or [0]
                share_of = {digits[number]: 1 / len(right) for number in right}
                text = tokens.chat(pointing.PROMPT, "point", evidence=laid, message=question)
                found[epoch].append({"tokens": text, "right": share_of})
    return found


def asked(row: Row, questions: Sequence[str], message: str) -> list[tuple[str, list[str]]]:
    """The message whole and, as drafts ask them, each of its questions, with the answers.

    No single questions where they are split otherwise than the case says.
    """
    parts = [part["answers"] for part in row["parts"]]
    single = zip(questions, parts, strict=True) if 1 < len(questions) == len(parts) else ()
    return [(message, list(chain(*parts))), *single]


def verify_samples(tokens: Tokens, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Both ways, as drafts ask: does the source state the claim, and where the kind tells, the claim its unit."""
    words, found = {True: tokens.one("Yes"), False: tokens.one("No")}, []
    for row in (each for each in rows if each["type"] == "pair"):
        asked = [(row["source"], row["claim"], row["supported"])]
        if unit := checking.unit_of(row["claim"], [each.text for each in units(row["source"])], not foreign(row)):
            if row["kind"] in SAYS_IT_ALL:
                asked.append((row["claim"], unit, True))
            elif row["kind"] in SAYS_LESS:
                asked.append((row["claim"], unit, False))
        for source, claim, stated in asked:
            text = tokens.chat(checking.PROMPT, "stated", source=source, claim=claim)
            found.append({"tokens": text, "right": {words[stated]: 1.0}})
    return found


def foreign(row: Row) -> bool:
    return languages.detect(row["claim"]) != languages.detect(row["source"])


def kept_texts(tokens: Tokens, rows: Sequence[Row]) -> list[list[int]]:
    """Translations and revisions: there the model must go on to write what it writes without the adapter."""
    chance = random.Random(7)  # noqa: S311
    pairs = [row for row in rows if row["type"] == "pair" and row["supported"]]
    chance.shuffle(pairs)
    foreign = [row for row in pairs if "translation" in row["kind"]][:KEPT_TRANSLATIONS]
    own = [row for row in pairs if row["kind"] in {"paraphrase", "shortened", "near_verbatim"}][:KEPT_REVISIONS]
    said = [
        tokens.chat(saying.PROMPT, "say", languages.detect(row["claim"]) or "de", unit=row["source"]) for row in foreign
    ]
    revised = [
        tokens.chat("revise-1", chance.choice(["shorter", "simpler"]), languages.detect(row["claim"]) or "en",
                    line=SENTENCE_END.split(row["source"])[0], wish="")
        for row in own
    ]  # fmt: skip
    claims = [tokens.text(row["claim"]) for row in [*foreign, *own]]
    return [[*prompt, *claim, tokens.end] for prompt, claim in zip([*said, *revised], claims, strict=True)]


def judged_samples(tokens: Tokens, held_out: Sequence[Row]) -> list[dict[str, Any]]:
    """What is measured after training and never learnt from: sets held out, and those that figures are made with."""
    articles = {row["group"]: row["articles"] for row in held_out if row["type"] == "company"}
    cases = [case_of(row, articles) for row in held_out if row["type"] == "case"]
    pairs = [Pair(row["source"], row["claim"], row["supported"], "", "", "") for row in held_out if "claim" in row]
    ours, translations = (drafts.read_cases(drafts.OWN_CASES), read_pairs(PAIRS)), ([], read_pairs(TRANSLATIONS))
    judged = {"held out": (cases, pairs), "ours": ours, "translations": translations}
    return [each for name, (some, others) in judged.items() for each in judged_of(tokens, name, some, others)]


def judged_of(
    tokens: Tokens, name: str, cases: Sequence[drafts.Case], pairs: Sequence[Pair]
) -> Iterator[dict[str, Any]]:
    """The message whole and each of its questions; each pair."""
    for case in cases:
        chosen = drafts.evidence_of(case)
        laid = laid_out(chosen.units, prompts.shipped(pointing.PROMPT))
        whole = shortened(case.question, drafts.QUESTION_WORDS)
        between = Asked(whole, languages.detect(case.question), chosen).between_languages
        for question in (whole, *(chosen.questions if len(chosen.questions) > 1 else ())):
            text = tokens.chat(pointing.PROMPT, "point", evidence=laid, message=question)
            given = {"whole": question == whole, "kind": case.kind, "foreign": between}
            yield {"task": "point", "set": name, "id": case.id, "yes": case.answerable, "tokens": text, **given}
    for number, pair in enumerate(pairs):
        text = tokens.chat(checking.PROMPT, "stated", source=pair.source, claim=pair.claim)
        given = {"whole": True, "kind": pair.kind}
        yield {"task": "verify", "set": name, "id": number, "yes": pair.supported, "tokens": text, **given}


def case_of(row: Row, articles: Mapping[str, Any]) -> drafts.Case:
    answerable = any(part["answers"] for part in row["parts"])
    values = {"id": row["id"], "question": row["message"], "articles": articles[row["group"]], "answerable": answerable}
    return drafts.parsed("", {**values, "kind": row["kind"]})


def cut_prefix(samples: Sequence[dict[str, Any]]) -> list[int]:
    """Takes what all samples begin with out of them."""
    texts = [sample["tokens"] for sample in samples]
    length = len(os.path.commonprefix(texts))
    prefix = texts[0][:length]
    for sample in samples:
        sample["tokens"] = sample["tokens"][length:]
    return prefix


def sets(held_out: bool) -> dict[str, list[Row]]:
    files = [path for path in sorted(CASES.glob("*.jsonl")) if (path.stem in HELD_OUT) is held_out]
    return {path.stem: [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] for path in files}


def main(out: Path) -> None:
    tokens, learnt = Tokens(), sets(held_out=False)
    rows = list(chain(*learnt.values()))
    by_set = [point_samples(tokens, name, each) for name, each in learnt.items()]
    point = [list(chain(*epoch)) for epoch in zip(*by_set, strict=True)]
    verify = verify_samples(tokens, rows)
    judged = judged_samples(tokens, list(chain(*sets(held_out=True).values())))
    by_task = {task: [each for each in judged if each["task"] == task] for task in ("point", "verify")}
    data = {
        "prefix": {
            "point": cut_prefix([*(sample for epoch in point for sample in epoch), *by_task["point"]]),
            "verify": cut_prefix([*verify, *by_task["verify"]]),
        },
        "words": {
            "point": [tokens.one(str(number)) for number in range(MOST + 1)],
            "verify": [tokens.one("Yes"), tokens.one("No")],
        },
        "point": point,
        "verify": verify,
        "kept": kept_texts(tokens, rows),
        "judged": judged,
    }
    out.write_text(json.dumps(data), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
