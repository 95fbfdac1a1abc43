"""Writes the part of TOML that the files of prompts and voice use: strings, lists of strings, tables. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def dumps(data: Mapping[str, Any]) -> str:
    return "\n".join(_lines(data)) + "\n"


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    """TOML wants what stands in no table first."""
    yield from _pairs({name: value for name, value in data.items() if not _is_table(value)})
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from ["", f"[{_text(name)}]", *_pairs(value)]
        elif _is_table(value):
            for row in value:
                yield from ["", f"[[{_text(name)}]]", *_pairs(row)]


def _pairs(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        yield f"{_text(name)} = {_text(value)}"


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(each, Mapping) for each in value))


def _text(value: str | list[str]) -> str:
    """TOML reads JSON's strings and lists of strings, but not a bare DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
