"""The fields above an article's text: YAML between `---`, or TOML between `+++`. Pure; size and depth are limited.

Every value is read as text: the version `1.10` is not 1.1, the language `no` is not False.
importing_rows decides what a field means.
"""

import re
import tomllib
from datetime import date, datetime, time
from typing import Any

import yaml
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LIMIT = 16_000  # characters of front matter: far more than people write, and still fast to parse
DEPTH = 12
OPENERS = {"---": ("---", "..."), "+++": ("+++",)}
KEY_LINE = re.compile(r"[\w-]+[ \t]*:(?:[ \t]|$)")
TOML_LINE = re.compile(r"at line (\d+)")
# YAML allows no tab as indent or before a value, but editors insert them.
TABS = re.compile(r"^[ \t]*(?:-[ \t]+)?(?:[\w-]+:)?[ \t]*")
UNQUOTED_COLON = re.compile(r"^([\w-]+):[ \t]+([^\s\"'\[{&*!|>%@`#].*)$")
NOTHING = {"", "~", "null", "Null", "NULL"}


class BadFrontMatter(Exception):
    """The message names the problem; `line` counts from the top of the file."""

    def __init__(self, line: int, problem: str) -> None:
        text = _("Front matter, line %(line)d: %(problem)s")
        super().__init__(text % {"line": line, "problem": problem})
        self.line = line


def parse(text: str) -> tuple[dict[str, Any], str]:
    """The fields by lower-case name, and the Markdown below them. Raises BadFrontMatter."""
    text = text.removeprefix("\ufeff")
    found = split(text)
    if found is None:
        return {}, text
    opener, head, rest = found
    if len(head) > LIMIT:
        raise BadFrontMatter(1, _("It is longer than %(limit)d characters.") % {"limit": LIMIT})
    return (_toml(head) if opener == "+++" else _yaml(head)), rest


def split(text: str) -> tuple[str, str, str] | None:
    """The opening line, the front matter, and the rest of the text. None if there is no front matter."""
    first = text.partition("\n")[0]
    opener = first.rstrip()
    if opener not in OPENERS:
        return None
    place = start = len(first) + 1
    while place < len(text):
        end = text.find("\n", place)
        end = len(text) if end < 0 else end
        if text[place:end].rstrip() in OPENERS[opener]:
            return opener, text[start:place], text[end + 1 :]
        place = end + 1
    second = text[start : start + 200].split("\n", 1)[0]
    if KEY_LINE.match(second):
        raise BadFrontMatter(1, _("The closing line %(line)s is missing.") % {"line": opener})
    return None


# --- YAML ---


class _Loader(yaml.SafeLoader):
    """Reads only texts, lists and mappings. Refuses aliases, repeated keys and deep nesting."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _Refused(self.peek_event(), _("`*name` refers to another value. Write the value itself."))
        self.depth += 1
        if self.depth > DEPTH:
            raise _Refused(
                self.peek_event(), _("Values are nested more than %(depth)d levels deep.") % {"depth": DEPTH}
            )
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_scalar(self, node: Any) -> Any:
        value = super().construct_scalar(node)
        if node.style is None and value in NOTHING:
            return None
        # Older exports wrote a character beyond U+FFFF as two JSON escapes.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value.rstrip("\n") if node.style in {"|", ">"} else value

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key, _value in node.value:
            name = str(key.value).strip().lower() if isinstance(key, yaml.ScalarNode) else ""
            if name and name in seen:
                raise _Refused(key, _("`%(name)s` occurs twice.") % {"name": name[:40]})
            seen.add(name)
        return super().construct_mapping(node, deep)


class _Refused(yaml.MarkedYAMLError):
    def __init__(self, at: Any, problem: str) -> None:
        super().__init__(problem=problem, problem_mark=at.start_mark)


def _yaml(head: str) -> dict[str, Any]:
    lines = [TABS.sub(lambda found: found[0].replace("\t", "  "), line) for line in head.splitlines()]
    for _try in range(8):  # values with a colon that are not quoted
        try:
            return _fields(yaml.load("\n".join(lines), Loader=_Loader))  # noqa: S506 - a SafeLoader
        except yaml.YAMLError as error:
            problem = error
            line = _line(error, lines)
        if getattr(problem, "problem", "") != "mapping values are not allowed here" or not _quote(lines, line):
            break
    raise BadFrontMatter(line + 2, _plainer(problem))


def _quote(lines: list[str], number: int) -> bool:
    """`title: Billing: refunds` is not valid YAML, but clear enough: quote the value and try again."""
    found = UNQUOTED_COLON.match(lines[number]) if number < len(lines) else None
    if found:
        lines[number] = f"{found[1]}: {quoted(found[2].rstrip())}"
    return bool(found)


def _line(error: yaml.YAMLError, lines: list[str]) -> int:
    mark = getattr(error, "problem_mark", None)
    if "end of stream" in str(getattr(error, "problem", "")):
        mark = getattr(error, "context_mark", None) or mark  # where the quote was opened
    if mark is not None:
        return int(mark.line)
    return "\n".join(lines)[: int(getattr(error, "position", 0) or 0)].count("\n")


NOT_KEY_VALUE = gettext_lazy("This is not `key: value`. Put a value with a colon or a quote into quotes.")
# Part of the YAML parser's message: what we say instead.
PLAINER = {
    "mapping values are not allowed": NOT_KEY_VALUE,
    "expected <block end>": NOT_KEY_VALUE,
    "could not find expected": NOT_KEY_VALUE,
    "end of stream": gettext_lazy("A quote or bracket is not closed."),
    "could not determine a constructor": gettext_lazy("A `!tag` is not supported."),
}


def _plainer(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return _("The character %(code)s is not allowed.") % {"code": f"U+{int(error.character):04X}"}
    problem = str(getattr(error, "problem", "") or _("This is not YAML."))
    plainer = next((text for part, text in PLAINER.items() if part in problem), problem)
    return " ".join(str(plainer).split())[:200]


def _fields(read: Any) -> dict[str, Any]:
    if read is None:
        return {}
    if not isinstance(read, dict):
        raise BadFrontMatter(2, _("This is not `key: value`."))
    return {str(key).strip().lower(): _plain(value) for key, value in read.items() if value is not None}


# --- TOML ---


def _toml(head: str) -> dict[str, Any]:
    try:
        return _fields(tomllib.loads(head.replace("\r\n", "\n")))
    except (ValueError, RecursionError) as error:
        at = TOML_LINE.search(str(error))
        raise BadFrontMatter(
            int(at[1]) + 1 if at else 1, _("This is not TOML: %(problem)s") % {"problem": str(error)[:200]}
        ) from error


def _plain(value: Any) -> Any:
    """As text, whatever type TOML or a YAML tag gave it. Lists stay lists."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in value if each is not None]
    return str(value) if isinstance(value, int | float) else value


# --- writing ---

SAFE = re.compile(r"[^\W\d_](?:[\w .,/()+-]*[\w.)+])?")


def quoted(value: str) -> str:
    """The value as front matter; `parse` reads it back unchanged."""
    if SAFE.fullmatch(value) and value.isprintable() and value not in NOTHING:
        return value
    return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=float("inf")).strip("\n")
