"""Reads names and addresses from address lists, as mail programs write them. Pure, in one pass.

Python's own parser is not used: it reads `Berg, Anna <anna@…>` as two people and loses half of the name, it does not
know addresses beyond ASCII, and its recursion is as deep as the brackets of a comment.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

from tickets.mail.mime import decoding

MAX_LIST = 20_000
MAX_ADDRESSES = 300
_LOCAL = re.compile(r"[^@\s<>\"(),:;\\\[\]\x00-\x1f]{1,64}")
_LABEL = re.compile(r"\w(?:[\w-]{0,61}\w)?")
_IP_ADDRESS = re.compile(r"\[[0-9a-fA-F.:]{3,45}\]")
_INSIDE = re.compile(r"[^\s<>\"(),:;\\\[\]@]{1,64}@[^\s<>\"(),:;\\\[\]@]{1,253}")
_REMARK = re.compile(r"\([^()]{0,200}\)")
_TO_QUOTE = re.compile(r'((?:[^"\\]|\\.)*+)"')
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#\d{2,6}|#x[0-9a-fA-F]{2,5});")
_SPECIAL = re.compile(r'[",;:<>()\\]')


@dataclass(frozen=True)
class Address:
    name: str
    email: str


@dataclass
class _Piece:
    """What is between two commas: a name, a remark in brackets, an address."""

    name: str = ""
    remark: str = ""
    address: str | None = None


def normal(email: str) -> str:
    """The address as it is stored and compared: the domain in lower case and in its own script. "" if not valid."""
    email = unicodedata.normalize("NFC", re.sub(r"\s+", "", email)).strip("<>'\"").removeprefix("mailto:").rstrip(".")
    if email.startswith("@"):  # a route, as some old programs write it
        email = email.rpartition(":")[2]
    local, _, domain = email.rpartition("@")
    if not _LOCAL.fullmatch(local) or len(local.encode()) > 64 or not _is_domain(domain):
        return ""
    found = f"{local}@{'.'.join(_own_script(label) for label in domain.lower().split('.'))}"
    return found if len(found) <= 254 else ""


def _is_domain(domain: str) -> bool:
    if len(domain) > 253:
        return False
    return bool(_IP_ADDRESS.fullmatch(domain)) or all(_LABEL.fullmatch(label) for label in domain.split("."))


def _own_script(label: str) -> str:
    if not label.startswith("xn--") or len(label) > 63:
        return label
    try:
        return label.encode("ascii").decode("idna")
    except UnicodeError:
        return label


def read(value: str) -> list[Address]:
    """The addresses of one header. It is split before it is decoded: a comma in an encoded name separates nothing."""
    value = plain_letters(decoding.header_bytes(value[:MAX_LIST]))
    found = _addresses(_pieces(value))
    if not found and "=?" in value:  # some programs encode the whole header
        found = _addresses(_pieces(decoding.decode_words(value)))
    if not found:
        inside = _INSIDE.search(value)
        found = [Address("", email)] if inside and (email := normal(inside[0])) else []
    return found[:MAX_ADDRESSES]


def plain_letters(text: str) -> str:
    """Decodes HTML entities, which some web forms write into headers (`M&uuml;ller`), except brackets and quotes."""
    return _ENTITY.sub(_letter, text)


def _letter(entity: re.Match[str]) -> str:
    found = html.unescape(entity[0])
    return found if found not in {"<", ">", '"'} else entity[0]


def _addresses(pieces: list[_Piece]) -> list[Address]:
    """A piece without an address is the start of the name in the next piece: `Berg, Anna <anna@…>`."""
    found: list[Address] = []
    before: list[str] = []
    for piece in pieces:
        name, given = (piece.name, piece.address) if piece.address is not None else _bare(piece.name)
        email = normal(decoding.decode_words(given)) if "@" in given or "=?" in given else ""
        if email:
            shown = ", ".join([*before, name]) if name else ""
            found.append(Address(_name(shown or piece.remark), email))
        before = [*before[-9:], name] if not email and name and piece.address is None else []
    return found


def _bare(text: str) -> tuple[str, str]:
    """Name and address of `Anna Berg anna@…`, without angle brackets: the word with the @ is the address."""
    tokens = re.sub(r"\s?@\s?", "@", text).split(" ")
    at = next((i for i, word in enumerate(tokens) if "@" in word), None)
    return (text, "") if at is None else (" ".join(tokens[:at] + tokens[at + 1 :]), tokens[at])


def _name(shown: str) -> str:
    return decoding.one_line(decoding.decode_words(shown), 200).strip("'\" ")


def _pieces(value: str) -> list[_Piece]:
    """Splits at commas and semicolons outside of quotation marks and brackets."""
    found: list[_Piece] = []
    piece, at, closed = _Piece(), 0, True
    grouped = ";" in value
    while at < len(value):
        special = _SPECIAL.search(value, at)
        end = special.start() if special else len(value)
        piece.name += value[at:end]
        if special is None:
            break
        at = end + 1
        letter = special[0]
        if letter == '"' and closed:
            text, at, closed = _quoted(value, at)
            piece.name += text
        elif letter == "(":
            text, at = _remark(value, at)
            piece.remark = piece.remark or text
        elif letter == "<":
            at = _angle(value, at, piece)
        elif letter in ",;":
            found.append(piece)
            piece = _Piece()
        elif letter == ":" and grouped and piece.address is None and not _is_address_ahead(value, at):
            piece = _Piece()  # the name of a group: `Team: a@…, b@…;`
        elif letter == ":":
            piece.name += letter
    for one in (*found, piece):
        one.name = " ".join(one.name.split())
    return [*found, piece]


def _is_address_ahead(value: str, at: int) -> bool:
    """`mailto:a@…`, or a colon inside a name if no semicolon follows that could close a group."""
    return value[max(at - 7, 0) : at].lower() == "mailto:" or value.find(";", at) < 0


def _quoted(value: str, at: int) -> tuple[str, int, bool]:
    """Text up to the closing quotation mark. If there is none, this and all later ones are ignored."""
    found = _TO_QUOTE.match(value, at)
    if found is None:
        return "", at, False
    return re.sub(r"\\(.)", r"\1", found[1]), found.end(), True


def _remark(value: str, at: int) -> tuple[str, int]:
    depth, end = 1, at
    while depth and end < len(value):
        depth += {"(": 1, ")": -1}.get(value[end], 0)
        end += 2 if value[end] == "\\" else 1
    text = re.sub(r"\\(.)", r"\1", value[at : end - 1])
    return (text, end) if not depth else (value[at:].rstrip(")"), len(value))


def _angle(value: str, at: int, piece: _Piece) -> int:
    """`<address>`. If it is not closed it ends at the next comma."""
    end = value.find(">", at)
    stop = end if end >= 0 else next((i for i in range(at, len(value)) if value[i] in ",;"), len(value))
    inner = _REMARK.sub("", value[at:stop]).strip("< ")
    if piece.address is None or "@" in inner:
        piece.address = inner
    rest = stop + 1 if end >= 0 else stop
    return rest + len(value[rest:]) - len(value[rest:].lstrip("> ")) if value[rest : rest + 1] == ">" else rest
