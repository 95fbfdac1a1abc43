"""Links that give access to whoever has them: resets, magic links, invitations, signed files, URLs with logins."""

import re
from collections.abc import Iterator

from knowledge.masking.text import Span, Text

LINK = re.compile(
    r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}://[^\s<>\"'\u3000-\u30ff]{3,2000}"
    r"|(?<![\w.@/-])[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/[^\s<>\"'\u3000-\u30ff]{6,2000}"
)
LOGIN = re.compile(r"^[a-z][a-z0-9+.-]*://[^\s/@]{1,300}:[^\s/@]{1,300}@")
QUERY = re.compile(
    r"[?&#;](?:[\w.-]{0,30}[_.-])?(?:token|code|kod|kode|codigo|codice|klic|klucz|schluessel|clave|chave|cle|key|apikey|sig|signature|auth|reset|otp|hash|hmac|session|sessionid"
    r"|sid"
    r"|pw|pass|password|passwd|secret|jwt|magic|confirm|confirmation|invite|invitation|ticket|nonce|state|t|k|s|u|uid"
    r"|credential|login|link|id_token|access)=([^&#\s]{4,})"
)
SURE = re.compile(r"token|sig|signature|secret|pass|pw|auth|otp|jwt|session|sid|apikey|hmac|credential|magic")
# Path segments that are followed by a key.
BEFORE_KEY = re.compile(
    r"reset|recover|magic|invit|einlad|verif|bestätig|confirm|activat|aktivier|login|signin|sign-in|sso|auth|token"
    r"|passw"
    r"|mot-de-passe|contrase|senha|wachtwoord|unlock|share|s|unsubscribe|one-time|onetime|otp|access|zugang|download"
    r"|calendar|ical|feed|webhook|hooks|services"
)
END = ".,;:!?)]}»”’"


def find(text: Text) -> Iterator[Span]:
    for found in LINK.finditer(text.low):
        link = found[0].rstrip(END)
        if _opens(link, text.plain[found.start() : found.start() + len(link)]):
            yield Span(found.start(), found.start() + len(link), "LINK")


def _opens(link: str, written: str) -> bool:
    if LOGIN.match(link):
        return True
    path = written.partition("?")[0]
    key_expected = any(BEFORE_KEY.match(each.lower()) for each in _segments(path))
    for found in QUERY.finditer(link):
        value = written[found.start(1) : found.end(1)]
        name = found[0].rpartition("=")[0].partition("=")[0]
        sure = key_expected or SURE.search(name)
        if random(value) or (sure and len(value) >= 6 and not value.isalpha()):
            return True
    return _in_path(written)


def _segments(written: str) -> list[str]:
    return [each for each in re.split(r"[/?#&=]", written.partition("://")[2] or written)[1:] if each]


def _in_path(written: str) -> bool:
    segments = _segments(written)
    for place, segment in enumerate(segments):
        if len(segment) >= 24 and random(segment) and "." not in segment and not UUID.match(segment):
            return True
        key_expected = any(BEFORE_KEY.match(each.lower()) for each in segments[max(0, place - 3) : place])
        if key_expected and len(segment) >= 6 and (random(segment) or _long_mixture(segment)):
            return True
    return False


def _long_mixture(value: str) -> bool:
    return len(value) >= 12 and value.isalnum() and not value.isalpha() and not value.isdecimal()


UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
CHANGE = re.compile(r"[a-zA-Z][0-9]|[0-9][a-zA-Z]")


def random(value: str) -> bool:
    """Looks generated: digits and letters mixed, not words followed by a number."""
    if UUID.match(value):
        return True
    if len(value) < 6 or not any(each.isdigit() for each in value):
        return len(value) >= 20 and value.isascii() and value.isalnum() and _humps(value) >= 4
    return len(CHANGE.findall(value)) >= 2 or (len(value) >= 8 and _humps(value) >= 2)


def _humps(value: str) -> int:
    """The number of capitals inside words: aBcD has two."""
    return len(re.findall(r"[a-z0-9][A-Z]", value))
