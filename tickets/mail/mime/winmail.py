"""Reads text and attachments from winmail.dat (TNEF, MS-OXTNEF), Outlook's own format. Pure, in one pass.

Written here because the only library for it has not been maintained since 2021, fails on files without a code page,
and copies the whole file for each of its entries.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.mail.mime import decoding, rtf

SIGNATURE = b"\x78\x9f\x3e\x22"
MAX_ENTRIES = 5000
MAX_VALUES = 2000
_BODY, _CODEPAGE, _PROPERTIES = 0x800C, 0x9007, 0x9003
_NEW_FILE, _FILE_NAME, _FILE_DATA, _FILE_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
_TEXT, _RTF, _HTML, _CHARSET = 0x1000, 0x1009, 0x1013, 0x3FDE
_SHORT_NAME, _LONG_NAME, _SHOWN_NAME, _TYPE, _CONTENT_ID = 0x3704, 0x3707, 0x3001, 0x370E, 0x3712
_STRING, _UNICODE, _OBJECT, _BINARY = 0x1E, 0x1F, 0x0D, 0x102
_FIXED = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}


@dataclass
class File:
    name: str = ""
    content: bytes = b""
    content_type: str = ""
    content_id: str = ""


@dataclass
class Contents:
    plain: str = ""
    html: str = ""
    files: list[File] = field(default_factory=list)


def unpack(data: bytes) -> Contents | None:
    """The content, or None if it is another file. Reading ends where the file is damaged or cut off."""
    if data[:4] != SIGNATURE:
        return None
    found, charset = Contents(), "cp1252"
    for number, value in _entries(data):
        if number == _CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif number == _BODY:
            found.plain = found.plain or decoding.decode(value.rstrip(b"\0"), charset)
        elif number == _PROPERTIES:
            _read_body(found, dict(_values(value)), charset)
        elif number == _NEW_FILE:
            found.files.append(File())
        elif number in {_FILE_NAME, _FILE_DATA, _FILE_PROPERTIES} and found.files:
            _read_file(found.files[-1], number, value, charset)
    return found


def _entries(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(number, value) of each entry. An entry is: level, id, length, value, checksum (not checked)."""
    at, count = 6, 0
    while at + 9 <= len(data) and count < MAX_ENTRIES:
        number, length = struct.unpack_from("<xHxxI", data, at)
        at, count = at + 9, count + 1
        if length > len(data) - at:
            length = len(data) - at
        yield number, data[at : at + length]
        at += length + 2


def _values(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(property, value) of a MAPI property list, as far as it can be read. Text is UTF-8."""
    if len(data) < 4:
        return
    at = 4
    for _ in range(min(struct.unpack_from("<I", data)[0], MAX_VALUES)):
        try:
            kind, number = struct.unpack_from("<HH", data, at)
            at = _after_name(data, at + 4, number)
            many, kind = bool(kind & 0x1000), kind & 0xEFFF
            if kind in _FIXED:
                times = struct.unpack_from("<I", data, at)[0] if many else 1
                at += 4 if many else 0
                yield number, data[at : at + _FIXED[kind]]
                at += _FIXED[kind] * times
                continue
            if kind not in {_STRING, _UNICODE, _OBJECT, _BINARY}:
                return
            times = struct.unpack_from("<I", data, at)[0]
            at += 4
            for _ in range(min(times, MAX_VALUES)):
                length = struct.unpack_from("<I", data, at)[0]
                value = data[at + 4 : at + 4 + length]
                at += 4 + length + -length % 4
                yield number, value.decode("utf-16-le", "replace").encode() if kind == _UNICODE else value
        except struct.error:
            return


def _after_name(data: bytes, at: int, number: int) -> int:
    """The position after the name of a named property: a GUID and a number, or a text."""
    if number < 0x8000:
        return at
    kind, length = struct.unpack_from("<II", data, at + 16)
    return at + 24 + (length + -length % 4 if kind else 0)


def _read_body(found: Contents, values: dict[int, bytes], charset: str) -> None:
    page = values.get(_CHARSET, b"")
    charset = f"cp{struct.unpack_from('<I', page)[0]}" if len(page) >= 4 else charset
    charset = {"cp65001": "utf-8", "cp20127": "ascii", "cp28591": "iso-8859-1"}.get(charset, charset)
    if _TEXT in values and not found.plain.strip():
        found.plain = decoding.decode(values[_TEXT].rstrip(b"\0"), charset)
    if _HTML in values:
        found.html = decoding.decode(values[_HTML].rstrip(b"\0"), charset)
    elif _RTF in values:
        source = rtf.decompress(values[_RTF])
        found.html = rtf.to_html(source)
        if not found.html and not found.plain.strip():
            found.plain = rtf.to_text(source)


def _read_file(file: File, number: int, value: bytes, charset: str) -> None:
    if number == _FILE_DATA:
        file.content = value
    elif number == _FILE_NAME:
        file.name = file.name or decoding.one_line(decoding.decode(value.rstrip(b"\0"), charset), 200)
    else:
        known = dict(_values(value))
        text = {key: decoding.one_line(decoding.decode(known[key].rstrip(b"\0"), charset), 200) for key in known
                if key in {_LONG_NAME, _SHORT_NAME, _SHOWN_NAME, _TYPE, _CONTENT_ID}}  # fmt: skip
        file.name = text.get(_LONG_NAME) or file.name or text.get(_SHORT_NAME) or text.get(_SHOWN_NAME) or ""
        file.content_type, file.content_id = text.get(_TYPE, ""), text.get(_CONTENT_ID, "")
