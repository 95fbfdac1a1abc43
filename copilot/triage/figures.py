"""How good a classifier is: accuracy, macro-F1, calibration, confusion. Pure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

BINS = 10  # of confidence, equally wide
NOTHING = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "rows": 0}
SURE = 0.7  # confidence below which an agent is asked to check the category


def figures(truth: Sequence[str], said: Sequence[str], confidence: Sequence[float]) -> dict[str, Any]:
    """As printed by `evaluate_triage`; shares are from 0 to 1, None where nothing is counted.

    `coverage@0.7` is the share of rows whose confidence is at least 0.7, `accuracy@0.7` the accuracy in them.
    """
    from sklearn.metrics import f1_score

    right = np.array([wanted == given for wanted, given in zip(truth, said, strict=True)])
    sure = np.array(confidence) >= SURE
    return {
        "rows": len(right),
        "accuracy": _share(right),
        "macro_f1": _rounded(
            f1_score(truth, said, average="macro", labels=sorted(set(truth)), zero_division=0) if len(right) else None
        ),
        "ece": _rounded(calibration_error(right, np.array(confidence))),
        f"coverage@{SURE}": _share(sure),
        f"accuracy@{SURE}": _share(right[sure]) if len(right) else None,
        "per_class": per_class(truth, said),
    }


def calibration_error(right: np.ndarray, confidence: np.ndarray) -> float | None:
    """Expected calibration error (Naeini et al., 2015): the distance between what was said and what was right, a bin
    of confidence after the other, weighted by the rows in it."""
    bins = reliability(right, confidence)
    return sum(each["rows"] * abs(each["said"] - each["right"]) for each in bins) / len(right) if len(right) else None


def reliability(right: np.ndarray, confidence: np.ndarray) -> list[dict[str, Any]]:
    """For each bin with rows: the mean confidence (`said`) and the share that was right."""
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        {
            "from": number / BINS,
            "rows": int(inside.sum()),
            "said": float(confidence[inside].mean()),
            "right": float(right[inside].mean()),
        }
        for number in range(BINS)
        if (inside := places == number).any()
    ]


def per_class(truth: Sequence[str], said: Sequence[str]) -> dict[str, dict[str, Any]]:
    from sklearn.metrics import precision_recall_fscore_support

    labels = sorted({*truth, *said})
    if not labels:
        return {}
    columns = precision_recall_fscore_support(truth, said, labels=labels, zero_division=0)
    return {
        label: {"precision": _rounded(p), "recall": _rounded(r), "f1": _rounded(f1), "rows": int(rows)}
        for label, p, r, f1, rows in zip(labels, *columns, strict=True)
    }


def confusion(truth: Sequence[str], said: Sequence[str]) -> dict[str, dict[str, int]]:
    """Rows by what was true, then by what was said; empty cells are left out."""
    table: dict[str, dict[str, int]] = {}
    for wanted, given in zip(truth, said, strict=True):
        row = table.setdefault(wanted, {})
        row[given] = row.get(given, 0) + 1
    return {wanted: dict(sorted(row.items())) for wanted, row in sorted(table.items())}


def _share(right: np.ndarray) -> float | None:
    return _rounded(right.mean()) if len(right) else None


def _rounded(value: Any) -> float | None:
    return None if value is None else round(float(value), 4)
