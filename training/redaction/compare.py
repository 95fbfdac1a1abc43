"""`python compare.py DATA.jsonl… --spacy FOLDER --rampart FOLDER`: finders of personal data, compared by one measure.

It is that of `manage.py evaluate_redaction`, so that what ships can be set beside what others would give. Writes one
JSON object: data → finder → figures. Needs no part of Copydesk but, in an environment of its own,
`presidio-analyzer spacy onnxruntime tokenizers numpy`.

A finder is a function from a text to the spans in it. To add one, write the function that builds it and name it in
`FINDERS`; what it needs is imported there, so that each runs without the packages of the others.
"""

import argparse
import json
import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # for numpy: times are those of one thread

ENOUGH = 0.9  # share of a span's characters that has to be masked
SURE = 0.5  # probability from which a token counts as found by Rampart
SPACY_KINDS = {"PERSON": "PERSON", "GPE": "LOCATION", "LOC": "LOCATION", "FAC": "LOCATION"}
WARM_UP = "Anna Smith, 12 Mill Lane, writes from anna@example.com."  # the first calls load lists and caches

Span = tuple[int, int, str]  # start, end, kind
Finder = Callable[[str], list[Span]]


class Row(NamedTuple):
    """A text with what is personal in it, and words that only look like it: their kind is the words themselves."""

    text: str
    language: str
    gold: list[Span]
    keep: list[Span]


def presidio(args: argparse.Namespace) -> Finder:
    """Presidio with its default recognizers and entity names; it reads every text as English, its only default."""
    import presidio_analyzer
    import yaml
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    default = Path(presidio_analyzer.__file__).parent / "conf/default.yaml"
    configuration = yaml.safe_load(default.read_text(encoding="utf-8"))
    configuration["models"] = [{"lang_code": "en", "model_name": str(args.spacy)}]
    engine = NlpEngineProvider(nlp_configuration=configuration).create_engine()
    analyze = presidio_analyzer.AnalyzerEngine(nlp_engine=engine).analyze
    return lambda text: [(each.start, each.end, each.entity_type) for each in analyze(text, language="en")]


def spacy_alone(args: argparse.Namespace) -> Finder:
    """People and places of spaCy's tagger."""
    import spacy

    model, kinds = spacy.load(args.spacy), SPACY_KINDS
    return lambda text: [(e.start_char, e.end_char, kinds[e.label_]) for e in model(text).ents if e.label_ in kinds]


def rampart(args: argparse.Namespace) -> Finder:
    """What Rampart's tagger says of at most 512 tokens, without rules; adjoining tokens of a class are one."""
    import numpy as np
    import onnxruntime
    from tokenizers import Tokenizer

    labels = json.loads((args.rampart / "config.json").read_text(encoding="utf-8"))["id2label"]
    tokenizer = Tokenizer.from_file(str(args.rampart / "tokenizer.json"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(args.rampart / "onnx/model_q4.onnx"), options)

    def find(text: str) -> list[Span]:
        encoding = tokenizer.encode(text)
        ids = np.array([encoding.ids], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        scores = session.run(None, inputs)[0][0]
        odds = np.exp(scores - scores.max(-1, keepdims=True))
        sure = odds.max(-1) / odds.sum(-1) >= SURE
        spans, before = [], "O"
        for (start, end), best, enough in zip(encoding.offsets, scores.argmax(-1), sure, strict=True):
            kind = labels[str(best)].split("-")[-1] if enough and start < end else "O"
            if kind != "O":
                spans.append((spans.pop()[0] if kind == before else start, end, kind))
            before = kind
        return spans

    return find


def joined(args: argparse.Namespace) -> Finder:
    """All that Rampart or Presidio finds."""
    one, other = rampart(args), presidio(args)
    return lambda text: one(text) + other(text)


def shipped(args: argparse.Namespace) -> Finder:
    """What Copydesk does: its rules, and Rampart. Runs in the project's environment; the customer is not known."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from knowledge.masking import tagger
    from knowledge.masking.all_kinds import find_all

    return lambda text: [(each.start, each.end, each.kind) for each in find_all(text, tagger.words(text))]


FINDERS = {
    "presidio": presidio,
    "spacy": spacy_alone,
    "rampart": rampart,
    "rampart+presidio": joined,
    "shipped": shipped,
}


def occurrences(text: str, value: str, kind: str) -> Iterator[Span]:
    return ((found.start(), found.end(), kind) for found in re.finditer(re.escape(value), text))


def overlaps(span: Span, others: Iterable[Span]) -> bool:
    return any(span[0] < end and start < span[1] for start, end, _ in others)


def read(path: Path) -> Iterator[Row]:
    """Rows with `spans`, or with `entities` and `keep`: then a value is personal wherever it stands in the text."""
    for row in map(json.loads, path.read_bytes().splitlines()):
        text = row["text"]
        gold = {(each["start"], each["end"], each["type"].upper()) for each in row.get("spans", ())}
        for each in row.get("entities", ()):
            gold.update(occurrences(text, each["value"], each["type"]))
        keep = {span for words in row.get("keep", ()) for span in occurrences(text, words, words)}
        outside = [span for span in keep if not overlaps(span, gold)]
        yield Row(text, row.get("language", ""), sorted(gold), outside)


def masked(text: str, found: list[Span]) -> list[bool]:
    """For each character whether it is masked; so is what parts two masked words, a comma or a space."""
    mask = [False] * len(text)
    for start, end, _ in found:
        mask[start:end] = [True] * len(text[start:end])
    last = len(text)  # the last masked character, as long as only spaces and punctuation followed
    for place, character in enumerate(text):
        if mask[place]:
            mask[last:place] = [True] * len(text[last:place])
            last = place
        elif character.isalnum():
            last = len(text)
    return mask


def share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def figures(results: list[tuple[Row, list[Span]]]) -> dict[str, Any]:
    """What share of the personal spans is masked, by type, and what share of the spans found touches a personal one.

    A span of any kind masks any type: what counts is what is hidden. `found` has, for each kind of the finder's own,
    how many spans touch a personal one and how many there are. A word to keep is lost if it is touched in one place.
    """
    gold, recalled, found, right = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    keep = kept = 0
    for row, spans in results:
        mask = masked(row.text, spans)
        gold.update(kind for *_, kind in row.gold)
        recalled.update(kind for start, end, kind in row.gold if sum(mask[start:end]) >= ENOUGH * (end - start))
        found.update(kind for *_, kind in spans)
        right.update(span[2] for span in spans if overlaps(span, row.gold))
        words = {span[2] for span in row.keep}
        keep += len(words)
        kept += len(words - {span[2] for span in row.keep if overlaps(span, spans)})
    return {
        "texts": len(results),
        "spans": dict(sorted(gold.items())),
        "recall": {kind: share(recalled[kind], gold[kind]) for kind in sorted(gold)},
        "recall_overall": share(recalled.total(), gold.total()),
        "precision": share(right.total(), found.total()),
        "found": {kind: [right[kind], found[kind]] for kind in sorted(found)},
        "keep": share(kept, keep),
    }


def measured(rows: list[Row], finder: Finder) -> dict[str, Any]:
    """The figures of one finder on one file, and of each language in it, with the time a text takes."""
    for _ in range(3):
        finder(WARM_UP)
    began = time.perf_counter()
    results = [(row, finder(row.text)) for row in rows]
    taken = time.perf_counter() - began
    languages = sorted({row.language for row in rows} - {""})
    apart = {code: figures([each for each in results if each[0].language == code]) for code in languages}
    return {**figures(results), "ms_per_text": round(1000 * taken / len(rows), 2), "languages": apart}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("data", nargs="+", type=Path, help="JSONL with text and spans, or text, entities and keep")
    parser.add_argument("--spacy", type=Path, help="folder of a spaCy model, the one with config.cfg")
    parser.add_argument("--rampart", type=Path, help="folder of Rampart, with onnx/, tokenizer.json and config.json")
    parser.add_argument("--finders", nargs="+", choices=FINDERS, default=list(FINDERS))
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)  # Presidio tells of every recognizer, and of a list it would like to download
    data = {path.stem: list(read(path)) for path in args.data}
    finders = {name: FINDERS[name](args) for name in args.finders}
    results = {stem: {name: measured(rows, each) for name, each in finders.items()} for stem, rows in data.items()}
    json.dump(results, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
