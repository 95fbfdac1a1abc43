"""`python training/calibrate.py answers.json`: what a training is worth, and how the writer's answers are read.

`answers.json` is what `train.py` wrote. Prints for each set the area under the ROC curve of both tasks, by which
trainings are compared; the `Calibration` of copilot/drafting/selecting.py (logistic regression on all cases that
nothing was learnt from); and for some minimum scores which share of the answerable cases is answered and which of the
others is refused. No GPU, no model.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

import numpy as np  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402

from copilot.drafting.selecting import Calibration, log_odds  # noqa: E402
from copilot.evaluation.curves import area  # noqa: E402

FROM = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)


@dataclass(frozen=True)
class Case:
    set: str
    answerable: bool
    foreign: bool
    score: float  # what the model says: that some line answers


def cases(answers: Sequence[Mapping[str, Any]]) -> list[Case]:
    """No question of a message is likelier to be answered than the whole message; of several the likeliest counts."""
    asked: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for each in (each for each in answers if each["task"] == "point"):
        asked.setdefault((each["set"], each["id"]), []).append(each)
    found = []
    for (name, _), rows in asked.items():
        (whole,) = (each for each in rows if each["whole"])
        single = [each["score"] for each in rows if not each["whole"]]
        score = min(whole["score"], max(single, default=1.0))
        found.append(Case(name, whole["yes"], whole["foreign"], score))
    return found


def areas(answers: Sequence[Mapping[str, Any]]) -> dict[str, float | None]:
    """Of each task and set, how well the scores tell its cases apart."""
    found: dict[str, list[tuple[float, bool]]] = {}
    for case in cases(answers):
        found.setdefault(f"point, {case.set}", []).append((case.score, case.answerable))
    for pair in (each for each in answers if each["task"] == "verify"):
        found.setdefault(f"verify, {pair['set']}", []).append((pair["score"], pair["yes"]))
    return {name: area(scored) for name, scored in found.items()}


def fitted(known: Sequence[Case]) -> Calibration:
    rows = np.array([[log_odds(each.score), each.foreign] for each in known])
    model = LogisticRegression(C=np.inf).fit(rows, [each.answerable for each in known])
    odds, foreign = map(float, model.coef_[0])
    return Calibration(round(float(model.intercept_[0]), 2), round(odds, 2), round(foreign, 2))


def shares(known: Sequence[Case], calibration: Calibration, least: float) -> tuple[float, float]:
    """Of the answerable cases those that are answered, of the others those that are refused."""
    said = {True: [0, 0], False: [0, 0]}
    for each in known:
        own = calibration.between_languages() if each.foreign else calibration
        said[each.answerable][own.probability(each.score) >= least] += 1
    return said[True][1] / sum(said[True]), said[False][0] / sum(said[False])


def main(path: Path) -> None:
    answers = json.loads(path.read_text())
    known = cases(answers)
    calibration = fitted(known)
    print(areas(answers))
    print(calibration)
    sets = sorted({each.set for each in known})
    print("from  " + "  ".join(f"{name:>24}" for name in sets) + "   (answered, refused)")
    for least in FROM:
        of_sets = [shares([each for each in known if each.set == name], calibration, least) for name in sets]
        print(f"{least:.2f}  " + "  ".join(f"{answered:>15.3f} {refused:>8.3f}" for answered, refused in of_sets))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
