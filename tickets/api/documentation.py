"""The OpenAPI description as the page /api/docs shows it. Pure."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

Schema = Mapping[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Field:
    """`name`: with those it is in, `customer.tier`; `items[].body` of a list. `rules`: what is allowed, in words."""

    name: str
    kind: str
    rules: str = ""
    description: str = ""


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    summary: str
    description: list[str]
    sent: list[Field]
    answered: list[Field]
    statuses: list[tuple[str, str]]
    example: str  # a command
    answer: str  # JSON
    key: str = field(default="")


def operations(openapi: Schema, server: str) -> list[Operation]:
    return [
        _operation(openapi, server, method, path, told)
        for path, methods in openapi["paths"].items()
        for method, told in methods.items()
        if method in METHODS
    ]


def _operation(openapi: Schema, server: str, method: str, path: str, told: Schema) -> Operation:
    body, answer = _content(told.get("requestBody", {})), _content(told["responses"].get(200, {}))
    statuses = [(str(status), HTTPStatus(int(status)).phrase) for status in told["responses"]]
    text = told.get("description", "").strip()
    return Operation(
        method.upper(),
        path,
        told.get("summary", ""),
        [" ".join(each.split()) for each in text.split("\n\n") if each],
        list(_fields(openapi, body, "required")),
        list(_fields(openapi, answer, "always there")),
        statuses,
        _command(method, server + path, example(openapi, body)),
        _json(example(openapi, answer)),
        told.get("operationId", path).replace("_", "-"),
    )


def _content(part: Schema) -> Schema:
    found: Schema = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _resolved(openapi: Schema, schema: Schema) -> Schema:
    """The schema that is named, or the one of several that is not null."""
    if len(schema.get("allOf", ())) == 1:
        return {**_resolved(openapi, schema["allOf"][0]), **{key: schema[key] for key in schema if key != "allOf"}}
    if "$ref" in schema:
        named = openapi["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return {**named, **{key: value for key, value in schema.items() if key != "$ref"}}
    options = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(options) == 1:
        return {**_resolved(openapi, options[0]), **{key: value for key, value in schema.items() if key != "anyOf"}}
    return schema


def _fields(openapi: Schema, schema: Schema, word: str, before: str = "") -> Iterator[Field]:
    schema = _resolved(openapi, schema)
    needed = set(schema.get("required", ()))
    for name, given in schema.get("properties", {}).items():
        told = _resolved(openapi, given)
        kind = _kind(openapi, told) + (" | null" if _may_be_null(given) else "")
        full = f"{before}{name}"
        yield Field(full, kind, "; ".join(_rules(told, word if name in needed else "")), told.get("description", ""))
        inner = _resolved(openapi, told.get("items", {})) if told.get("type") == "array" else told
        if inner.get("properties"):
            yield from _fields(openapi, inner, word, f"{full}[]." if told.get("type") == "array" else f"{full}.")


def _may_be_null(schema: Schema) -> bool:
    return any(each.get("type") == "null" for each in schema.get("anyOf", ()))


def _kind(openapi: Schema, schema: Schema) -> str:
    if schema.get("type") == "array":
        return f"list of {_kind(openapi, _resolved(openapi, schema['items']))}s"
    if _choices(schema):
        return "string"
    kind = str(schema.get("type", "any"))
    return {"integer": "whole number", "boolean": "true or false"}.get(kind, kind)


def _choices(schema: Schema) -> list[Any]:
    """Also of a union of lists of choices."""
    options = schema.get("anyOf", [schema])
    return [value for each in options for value in each.get("enum", [each["const"]] if "const" in each else [])]


def _rules(schema: Schema, needed: str) -> Iterator[str]:
    if needed:
        yield needed
    choices = [json.dumps(each) if each == "" else str(each) for each in _choices(schema)]
    if choices:
        yield "one of " + ", ".join(choices)
    for name, words in (
        ("maxLength", "at most {} characters"),
        ("minItems", "at least {}"),
        ("maxItems", "at most {}"),
    ):
        if name in schema:
            yield words.format(f"{schema[name]:,}")
    if "minimum" in schema and "maximum" in schema:
        yield f"from {schema['minimum']:g} to {schema['maximum']:g}"


def example(openapi: Schema, schema: Schema) -> Any:
    """What the schema's own examples say, else the defaults."""
    schema = _resolved(openapi, schema)
    if schema.get("examples"):
        return schema["examples"][0]
    if schema.get("properties"):
        return {name: example(openapi, given) for name, given in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example(openapi, schema["items"])]
    return next(iter(_choices(schema)), schema.get("default"))


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _command(method: str, address: str, body: Any) -> str:
    lines = [f"curl {address}", "-H 'Authorization: Bearer cdk_…'"]
    if method != "get":
        lines += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(_json(body))}"]
    return " \\\n  ".join(lines)
