"""Font sizes, spaces and colours come from tokens.css; style sheets are short and used."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHEETS = ROOT / "static" / "css"
TOKENS = SHEETS / "tokens.css"
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch)\(", re.I)
DECLARATION = re.compile(r"(?<![\w-])(--[\w-]+|[\w-]+)\s*:\s*([^;{}]+)(?=[;}])")
SPACE = re.compile(r"(?:margin|padding|gap|row-gap|column-gap)\b")
LENGTH = re.compile(r"(?<![\w.-])\d*\.?\d+(?:px|rem|em)\b")
HAIRLINE = "1px"  # below the smallest step, to align a border


def sheets() -> list[Path]:
    return sorted(path for path in SHEETS.glob("**/*.css") if path != TOKENS)


def declarations(sheet: Path) -> Iterator[tuple[str, str]]:
    """Property and value, in order, without print styles and the root of the public pages, which have other scales."""
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.S)
    text = re.sub(r"@media print \{.*?\n\}", "", text, flags=re.S)
    for found in DECLARATION.finditer(re.sub(r"html\.public \{.*?\}", "", text, flags=re.S)):
        yield found[1], found[2].strip()


def broken(sheet: Path) -> Iterator[str]:
    for name, value in declarations(sheet):
        said = f"{name}: {value}"
        if COLOUR.search(value):
            yield f"{said} (a colour)"
        elif name in ("font", "font-size") and LENGTH.search(value) and not value.endswith("em"):
            yield f"{said} (a size of text)"
        elif name in ("font", "font-weight") and re.search(r"\b[1-9]00\b|\b\d[1-9]0\b|\bbold", value):
            yield f"{said} (a weight)"
        elif name == "letter-spacing" and value not in ("0", "var(--tight)"):
            yield f"{said} (a space between letters)"
        elif SPACE.match(name) and [x for x in LENGTH.findall(re.sub(r"\d+px\) / 2", "", value)) if x != HAIRLINE]:
            yield f"{said} (a space)"


@pytest.mark.parametrize("sheet", sheets(), ids=lambda path: str(path.relative_to(SHEETS)))
def test_colour_type_and_space_come_from_the_tokens(sheet: Path) -> None:
    assert list(broken(sheet)) == []


def test_the_check_finds_what_it_looks_for(tmp_path: Path) -> None:
    sheet = tmp_path / "raw.css"
    raw = ["color: #fff", "font-size: 13px", "font-weight: 700", "letter-spacing: 1px", "padding: 0 10px"]
    fine = ["color: var(--ink)", "font-size: var(--text-s)", "padding: 1px var(--s2)", "margin-left: auto"]
    sheet.write_text("".join(f".x {{ {each}; }}\n" for each in raw + fine))
    assert [found.partition(" (")[0] for found in broken(sheet)] == raw


def test_every_token_that_is_used_is_defined() -> None:
    defined = set(
        re.findall(r"(--[\w-]+)\s*:", "".join(path.read_text(encoding="utf-8") for path in [TOKENS, *sheets()]))
    )
    used = {name for path in sheets() for name in re.findall(r"var\((--[\w-]+)", path.read_text(encoding="utf-8"))}
    assert used - defined == set()


def test_every_sheet_is_named_by_a_page_and_short() -> None:
    pages = [*(ROOT / "templates").glob("**/*.html"), *(ROOT / "knowledge" / "admin").glob("*.py")]
    named = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert [str(path) for path in sheets() if f"css/{path.relative_to(SHEETS)}" not in named] == []
    assert [str(path) for path in sheets() if len(path.read_text(encoding="utf-8").splitlines()) > 300] == []


TEMPLATES = ROOT / "templates"
PAGES = sorted(
    str(path.relative_to(TEMPLATES))
    for path in TEMPLATES.glob("**/*.html")
    if "{% extends" in path.read_text(encoding="utf-8") and "admin" not in path.relative_to(TEMPLATES).parts
)


def with_parts(name: str) -> dict[str, str]:
    """A template with what it extends and includes, by name."""
    found: dict[str, str] = {}
    waiting = [name]
    while waiting:
        if (part := waiting.pop()) not in found and (TEMPLATES / part).is_file():
            found[part] = (TEMPLATES / part).read_text(encoding="utf-8")
            waiting += re.findall(r'{%\s*(?:extends|include)\s+"([^"]+)"', found[part])
    return found


def classes_in(templates: str) -> set[str]:
    plain = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", templates, flags=re.S)
    return {name for value in re.findall(r'class="([^"]*)"', plain) for name in value.split()}


def classes_of(sheet: Path) -> set[str]:
    selectors = re.sub(r"/\*.*?\*/|\{[^{}]*\}", "", sheet.read_text(encoding="utf-8"), flags=re.S)
    return set(re.findall(r"\.([A-Za-z][\w-]*)", selectors))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_the_sheets_of_the_classes_it_uses(page: str) -> None:
    whole = "".join(with_parts(page).values())
    loaded = set().union(*(classes_of(SHEETS / name) for name in re.findall(r"css/([\w/-]+\.css)", whole)))
    styled_somewhere = set().union(*map(classes_of, sheets()))
    assert sorted(classes_in(whole) & styled_somewhere - loaded) == []
