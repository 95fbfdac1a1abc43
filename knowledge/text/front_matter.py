"""The fields above an article's text: YAML between `---`, or TOML between `+++`. Pure, and bounded.

Every value is read as the text that stands there: a version `1.10` is not 1.1, the language `no` is not False.
What a field means is for importing_rows to say.
"""

import re
import tomllib
from datetime import date, datetime, time
from typing import Any

import yaml

LIMIT = 16_000  # characters of front matter; far more than people write, far less than tires the parser
DEPTH = 12
OPENERS = {"---": ("---", "..."), "+++": ("+++",)}
KEY_LINE = re.compile(r"[\w-]+[ \t]*:(?:[ \t]|$)")
TOML_LINE = re.compile(r"at line (\d+)")
# A tab cannot indent in YAML, nor stand before a value; people's editors put some there all the same.
TABS = re.compile(r"^[ \t]*(?:-[ \t]+)?(?:[\w-]+:)?[ \t]*")
UNQUOTED_COLON = re.compile(r"^([\w-]+):[ \t]+([^\s\"'\[{&*!|>%@`#].*)$")
NOTHING = {"", "~", "null", "Null", "NULL"}


class BadFrontMatter(Exception):
    """The message names what is wrong; `line` is counted in the file."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(f"front matter, line {line}: {words}")
        self.line = line


def parse(text: str) -> tuple[dict[str, Any], str]:
    """The fields, by their names in small letters, and the Markdown below them. Raises BadFrontMatter."""
    text = text.removeprefix("\ufeff")
    found = split(text)
    if found is None:
        return {}, text
    opener, head, rest = found
    if len(head) > LIMIT:
        raise BadFrontMatter(1, f"longer than {LIMIT} characters")
    return (_toml(head) if opener == "+++" else _yaml(head)), rest


def split(text: str) -> tuple[str, str, str] | None:
    """Opening line, what stands between it and the closing line, and the rest; None where there is none."""
    first, _, _ = text.partition("\n")
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
        raise BadFrontMatter(1, f"the closing line {opener} is missing")
    return None


# --- YAML ---


class _Loader(yaml.SafeLoader):
    """Plain texts, lists and mappings alone; no aliases, no key twice, no depth without end."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _Refused(self.peek_event(), "`*name` refers to another value; write the value itself")
        self.depth += 1
        if self.depth > DEPTH:
            raise _Refused(self.peek_event(), f"nested more than {DEPTH} deep")
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_scalar(self, node: Any) -> Any:
        value = super().construct_scalar(node)
        if node.style is None and value in NOTHING:
            return None
        # In the JSON of older exports a character beyond U+FFFF is two escapes.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value.rstrip("\n") if node.style in {"|", ">"} else value

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[Any] = set()
        for key, _ in node.value:
            name = str(key.value).strip().lower() if isinstance(key, yaml.ScalarNode) else ""
            if name and name in seen:
                raise _Refused(key, f"`{name[:40]}` stands there twice")
            seen.add(name)
        return super().construct_mapping(node, deep)


class _Refused(yaml.MarkedYAMLError):
    def __init__(self, at: Any, words: str) -> None:
        super().__init__(problem=words, problem_mark=at.start_mark)


def _yaml(head: str) -> dict[str, Any]:
    lines = [TABS.sub(lambda found: found[0].replace("\t", "  "), line) for line in head.splitlines()]
    for _ in range(8):  # values with a colon that nobody quoted
        try:
            return _fields(yaml.load("\n".join(lines), Loader=_Loader))  # noqa: S506 - a SafeLoader
        except yaml.YAMLError as error:
            problem = error
            line = _line(error, lines)
        if getattr(problem, "problem", "") != "mapping values are not allowed here" or not _quote(lines, line):
            break
    raise BadFrontMatter(line + 2, _words(problem))


def _quote(lines: list[str], number: int) -> bool:
    """`title: Billing: refunds` is no YAML, but what it means is plain."""
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


PLAINER = {
    "mapping values are not allowed": "is no `key: value`; a value with a colon or a quote in it stands in quotes",
    "expected <block end>": "is no `key: value`; a value with a colon or a quote in it stands in quotes",
    "could not find expected": "is no `key: value`; a value with a colon or a quote in it stands in quotes",
    "end of stream": "a quote or bracket is not closed",
    "could not determine a constructor": "a `!tag` is not read here",
}


def _words(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.reader.ReaderError):
        return f"the character U+{int(error.character):04X} may not stand there"
    words = str(getattr(error, "problem", "") or "is no YAML")
    plainer = next((said for part, said in PLAINER.items() if part in words), words)
    return " ".join(plainer.split())[:200]


def _fields(read: Any) -> dict[str, Any]:
    if read is None:
        return {}
    if not isinstance(read, dict):
        raise BadFrontMatter(2, "expected `key: value`")
    return {str(key).strip().lower(): _plain(value) for key, value in read.items() if value is not None}


# --- TOML ---


def _toml(head: str) -> dict[str, Any]:
    try:
        return _fields(tomllib.loads(head.replace("\r\n", "\n")))
    except (ValueError, RecursionError) as error:
        at = TOML_LINE.search(str(error))
        raise BadFrontMatter(int(at[1]) + 1 if at else 1, f"is no TOML: {error}"[:200]) from error


def _plain(value: Any) -> Any:
    """As text, whatever TOML or a tag of YAML made of it; lists of plain values stay lists."""
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
    """As it stands in the file; `parse` gives it back."""
    if SAFE.fullmatch(value) and value.isprintable() and value not in NOTHING:
        return value
    return yaml.safe_dump(value, default_style='"', allow_unicode=True, width=float("inf")).strip("\n")
