"""The sentences of a passage that the model reads. Short prompts are answered sooner. Pure."""

import re

from copilot.evidence.lengths import cut, size

BREAK = re.compile(r"(?<=[.!?])\s+(?=[^\sa-z])|(?<=[。！？])|\n+")
WORD = re.compile(r"\w{3,}", re.UNICODE)


TABLE_ROW = re.compile(r"^[ \t]*\|(.+)\|[ \t]*$", re.MULTILINE)
TABLE_RULE = re.compile(r"^[ \t]*\|[ \t|:-]+\|[ \t]*$\n?", re.MULTILINE)


def flat(text: str) -> str:
    """Table rows as plain lines ("left: right"): a small model copies a table instead of reading it."""
    text = TABLE_RULE.sub("", text)
    return TABLE_ROW.sub(lambda row: ": ".join(cell.strip() for cell in row.group(1).split("|") if cell.strip()), text)


def stems(text: str) -> set[str]:
    return {word.lower()[:6] for word in WORD.findall(text)}


def window(text: str, query: str, max_words: float) -> str:
    """The run of whole sentences (or list lines) of at most `max_words` that shares most with `query`.

    A run's value is the number of word stems shared with `query`, minus 0.01 for each sentence before it: earlier runs
    win, because steps and tables need their introduction. A passage that fits is returned as it is.
    """
    text = flat(text).strip()
    if size(text) <= max_words:
        return text
    parts = [part for part in BREAK.split(text) if part.strip()]
    wanted = stems(query)
    best, best_score = "", -1.0
    for start in range(len(parts)):
        run: list[str] = []
        words = 0.0
        for part in parts[start:]:
            words += size(part)
            if run and words > max_words:
                break
            run.append(part)
        score = len(wanted & stems(" ".join(run))) - 0.01 * start
        if score > best_score:
            best, best_score = "\n".join(run), score
    return cut(best, max_words * 2)
