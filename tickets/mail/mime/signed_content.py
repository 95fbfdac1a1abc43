"""Reads the content of S/MIME mails that is inside the signature (opaque signed-data, RFC 8551).

The signature is not verified: Copydesk does not trust a sender more because of it. Pure, with limits.
"""

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_SEQUENCE, _SET, _INTEGER, _OID, _OCTETS, _WRAPPED = 0x30, 0x31, 0x02, 0x06, 0x04, 0xA0
_CONSTRUCTED = 0x20
MAX_CHUNKS = 200_000


class _Malformed(Exception):
    pass


def signed_content(data: bytes) -> bytes | None:
    """The mail inside. None if it is encrypted, detached or something else."""
    try:
        at, _ = _enter(data, 0, _SEQUENCE)
        oid, at = _octets(data, at, _OID)
        if oid != _SIGNED_DATA:
            return None
        at, _ = _enter(data, at, _WRAPPED)
        at, _ = _enter(data, at, _SEQUENCE)
        at = _after(data, at, _INTEGER)
        at = _after(data, at, _SET)
        at, _ = _enter(data, at, _SEQUENCE)
        at = _after(data, at, _OID)
        at, _ = _enter(data, at, _WRAPPED)
        return _content(data, at)
    except _Malformed:
        return None


def _head(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, start of the value, and its length. None: up to the end mark."""
    if at + 2 > len(data):
        raise _Malformed
    tag, first, at = data[at], data[at + 1], at + 2
    if first == 0x80:
        return tag, at, None
    if first < 0x80:
        return tag, at, first
    count = first & 0x7F
    if count > 4 or at + count > len(data):
        raise _Malformed
    return tag, at + count, int.from_bytes(data[at : at + count], "big")


def _enter(data: bytes, at: int, wanted: int) -> tuple[int, int | None]:
    tag, start, length = _head(data, at)
    if tag != wanted:
        raise _Malformed
    return start, length


def _octets(data: bytes, at: int, wanted: int) -> tuple[bytes, int]:
    start, length = _enter(data, at, wanted)
    if length is None or start + length > len(data):
        raise _Malformed
    return data[start : start + length], start + length


def _after(data: bytes, at: int, wanted: int) -> int:
    """The position after a value, whether its length is known or marked by end marks."""
    start, length = _enter(data, at, wanted)
    if length is not None:
        return start + length
    depth, at, seen = 1, start, 0
    while depth:
        tag, start, length = _head(data, at)
        seen += 1
        if seen > MAX_CHUNKS:
            raise _Malformed
        if tag == 0 and length == 0:
            depth -= 1
        depth += length is None
        at = start if length is None else start + length
    return at


def _content(data: bytes, at: int) -> bytes:
    """An octet string, in one or in several nested pieces (as streaming writers leave it)."""
    tag, start, length = _head(data, at)
    if tag == _OCTETS and length is not None:
        return data[start : start + length]
    if tag != _OCTETS | _CONSTRUCTED:
        raise _Malformed
    out: list[bytes] = []
    ends = [start + length if length is not None else None]
    at = start
    while ends and at < len(data) and len(out) < MAX_CHUNKS:
        end = ends[-1]
        if end is not None and at >= end:
            ends.pop()
            continue
        tag, start, length = _head(data, at)
        if tag == 0 and length == 0 and end is None:
            ends.pop()
            at = start
        elif tag == _OCTETS and length is not None:
            out.append(data[start : start + length])
            at = start + length
        elif tag == _OCTETS | _CONSTRUCTED and len(ends) < 20:
            ends.append(start + length if length is not None else None)
            at = start
        else:
            break
    return b"".join(out)
