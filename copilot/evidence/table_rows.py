"""The rows of a Markdown table as sentences that name their columns: `Plan Studio – Price: €29; Members: 5`. Pure."""

import re
from collections.abc import Sequence

from copilot.evidence.plain_words import plain

_CELL = re.compile(r"(?<!\\)\|")
# Headers that say nothing: the cells below them speak for themselves.
_SAY_NOTHING = {
    "", "value", "values", "description", "details", "detail", "meaning", "notes", "note", "comment", "info", "what",
    "wert", "werte", "beschreibung", "bedeutung", "hinweis", "hinweise", "valor", "descripción", "descrição",
    "detalles", "significado", "notas", "valeur", "signification", "remarque", "remarques", "valore", "descrizione",
    "significato", "waarde", "omschrijving", "betekenis", "значення", "опис", "値", "説明", "意味",
    "值", "说明", "含义",
}  # fmt: skip
# Headers of a first column whose words speak for themselves: "Keys" below "Limit".
_KINDS = {"action", "feature", "field", "function", "item", "limit", "question", "setting"}
_KINDS |= {"aktion", "einstellung", "feld", "funktion", "frage", "grenze", "acción", "ajuste", "campo", "función"}
_KINDS |= {"límite", "pregunta", "champ", "fonction", "limite", "réglage"}
_A_WORD = re.compile(r"[^\W\d_]{3,}")
_EMPTY = {"", "-"}


def rows(table: str) -> list[tuple[int, int, str]]:
    """`(start, end, sentence)` of each row below the header; of the header if there are no others."""
    lines: list[tuple[int, int, list[str]]] = []
    place = 0
    for line in table.split("\n"):
        if line.strip():
            lines.append((place, place + len(line), _cells(line)))
        place += len(line) + 1
    if len(lines) < 3:
        return [(lines[0][0], lines[-1][1], "; ".join(cell for cell in lines[0][2] if cell))] if lines else []
    heads = lines[0][2]
    return [(start, end, said) for start, end, cells in lines[2:] if (said := _sentence(heads, cells))]


def _cells(line: str) -> list[str]:
    line = line.strip()
    parts = [plain(part.replace("\\|", "|")) for part in _CELL.split(line)]
    return parts[1 if line.startswith("|") else 0 : -1 if line.endswith("|") and len(parts) > 1 else None]


def _sentence(heads: Sequence[str], cells: Sequence[str]) -> str:
    heads = [*heads, *[""] * (len(cells) - len(heads))]
    said = [_named(heads[at], cell) for at, cell in enumerate(cells) if at and cell not in _EMPTY]
    if not cells or cells[0] in _EMPTY:
        return "; ".join(said)
    subject = _subject(heads[0].rstrip(":"), cells[0])
    return f"{subject} – {'; '.join(said)}" if said else subject


def _named(head: str, cell: str) -> str:
    return cell if head.strip(":").lower() in _SAY_NOTHING else f"{head.rstrip(':')}: {cell}"


def _subject(head: str, cell: str) -> str:
    """A single word is named by its header, "Plan Studio"; several words say what they are, and so do limits."""
    known = len(cell.split()) > 1 or head.lower() in _SAY_NOTHING or head.lower() in cell.lower()
    return cell if known or (head.lower() in _KINDS and _A_WORD.fullmatch(cell)) else f"{head} {cell}"
