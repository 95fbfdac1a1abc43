"""Card numbers, bank accounts and banks, checked by the checksums of cards (Luhn) and accounts (ISO 7064)."""

import re
from collections.abc import Iterator

from stdnum import bitcoin
from stdnum.iban import is_valid as iban_is_valid

from knowledge.masking.text import Span, Text, bare, digits

# --- cards: any run of whole groups of digits that has the length of a card number ---

GROUPS = re.compile(r"(?<![\w])[0-9]{1,19}(?:[ \t\n./\-_|*·,:]{1,3}[0-9]{1,19}){0,2000}(?!\w)")
GROUP = re.compile(r"[0-9]+")
ISSUERS = re.compile(
    r"(?:4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"  # Visa
    r"|(?:5[1-5]|2[2-7])[0-9]{14}"  # Mastercard
    r"|3[47][0-9]{13}"  # American Express
    r"|3(?:0[0-5]|[689][0-9])[0-9]{11,16}"  # Diners
    r"|35[0-9]{14,17}"  # JCB
    r"|6(?:011|4[4-9]|5|2)[0-9]{12,17}"  # Discover, UnionPay
    r"|(?:5[0678]|6)[0-9]{11,18})$"  # Maestro, RuPay and other debit cards
)
COMPACT_ISSUERS = re.compile(
    r"(?:4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})|(?:5[0-8]|2[2-7])[0-9]{14}|3[47][0-9]{13}"
    r"|3(?:0[0-5]|[689][0-9])[0-9]{11,16}|35[0-9]{14,17}|6(?:011|4[4-9]|5|2|7)[0-9]{10,17}|6[37][0-9]{14})$"
)
LONGEST_CARD = 19
DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def find_cards(text: Text) -> Iterator[Span]:
    for run in GROUPS.finditer(text.plain):
        groups = [(found.start(), found.end()) for found in GROUP.finditer(text.plain, run.start(), run.end())]
        yield from _cards(text.plain, groups)


def _cards(plain: str, groups: list[tuple[int, int]]) -> Iterator[Span]:
    first = 0
    while first < len(groups):
        last = _last_group(plain, groups, first)
        if last is None:
            first += 1
            continue
        yield Span(groups[first][0], groups[last][1], "CARD")
        first = last + 1


def _last_group(plain: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last group of the longest card number that begins with `first`."""
    number, found = "", None
    for place in range(first, min(len(groups), first + LONGEST_CARD)):
        number += plain[groups[place][0] : groups[place][1]]
        if len(number) > LONGEST_CARD:
            break
        issuers = ISSUERS if place > first else COMPACT_ISSUERS
        if len(number) >= 12 and issuers.match(number) and _luhn(number):
            found = place if _written_as_one(plain, groups[first : place + 1]) else found
    return found


def _luhn(number: str) -> bool:
    """The Luhn check of ISO/IEC 7812-1, annex B. Our own, because stdnum's takes five times as long."""
    return (sum(map(int, number[-1::-2])) + sum(DOUBLED[int(each)] for each in number[-2::-2])) % 10 == 0


def _written_as_one(plain: str, groups: list[tuple[int, int]]) -> bool:
    """Numbers in a table can look like a card number by chance. A real one has the same separator throughout."""
    between = {plain[end:start] for (_, end), (start, _) in zip(groups, groups[1:], strict=False)}
    uniform = len(between) <= 1 and not set("\n,") & set("".join(between))
    return uniform or min(end - start for start, end in groups[:-1]) >= 4


# --- accounts ---

COUNTRY = re.compile(r"(?<![^\W_])[a-z]{2}[ .-]?[0-9]{2}(?=[ .\-_/]{0,2}[a-z0-9])")
REST = re.compile(r"[a-z]{2}[ .-]?[0-9]{2}(?:[ .\-_/\n]{0,2}[a-z0-9]){11,30}")
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SC": 31, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24,
    "XK": 20,
}  # fmt: skip
COUNTRIES = frozenset(LENGTHS) | {"US", "CA", "AU", "JP", "CN", "IN", "SG", "HK", "NZ", "ZA", "MX", "KR", "TH"}
NAMED = re.compile(
    r"(?<!\w)(?:iban|konto\w{0,10}|account|compte|cuenta|conto|conta|rekening\w{0,8}|rachunek|bank\w{0,12})\W"
)
BIC = re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?(?![A-Za-z0-9])")
BIC_NAMED = re.compile(
    r"(?<!\w)(?:bic|swift)(?:[ /-]{1,3}(?:bic|swift))?(?:[ -]?(?:code|nr|no|number|nummer))?\W{0,4}"
    r"(?:(?:is|ist|lautet|est|es|è|é)\W{1,3})?([a-z]{6}[a-z0-9]{2}(?:[a-z0-9]{3})?)(?![a-z0-9])"
)
BESIDE = 80  # at most so many characters between an account and its bank
WALLET = re.compile(
    r"(?<![A-Za-z0-9])(?:0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,87}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?![A-Za-z0-9])"
)


def find_accounts(text: Text) -> Iterator[Span]:
    for found in BIC_NAMED.finditer(text.low):
        if not _is_bank(text.plain[found.start(1) : found.end(1)], text.low[found.start() : found.start(1)]):
            continue
        yield Span(found.start(1), found.end(1), "BIC")
    for start in COUNTRY.finditer(text.low):
        end = _account_end(text.low, start.start())
        if end:
            yield Span(start.start(), end, "IBAN")
            yield from _banks(text.plain, max(0, start.start() - BESIDE), start.start())
            yield from _banks(text.plain, end, end + BESIDE)
    for found in WALLET.finditer(text.plain):
        if found[0].startswith("0x") or bitcoin.is_valid(found[0]):
            yield Span(found.start(), found.end(), "WALLET")


def _account_end(low: str, start: int) -> int:
    """Where the account that begins at `start` ends, or 0."""
    found = REST.match(low, start)
    length = LENGTHS.get(bare(low[start : start + 2]))
    if not found or not length:
        return 0
    end = _nth(low, start, found.end(), length)
    if not end or (end < len(low) and low[end].isalnum()):
        return 0
    value = bare(low[start:end])
    if iban_is_valid(value, check_country=False):
        return end
    # Mistyped, but named as an account: just as private.
    named = NAMED.search(low, max(0, start - 40), start) is not None
    return end if named and len(digits(value)) >= 10 else 0


def _nth(low: str, start: int, limit: int, count: int) -> int:
    """The place after the `count`-th letter or digit from `start`, or 0 if there are fewer up to `limit`."""
    for place in range(start, limit):
        if low[place].isalnum():
            count -= 1
            if not count:
                return place + 1
    return 0


def _banks(plain: str, start: int, end: int) -> Iterator[Span]:
    for found in BIC.finditer(plain, start, end):
        if found[1] in COUNTRIES:
            yield Span(found.start(), found.end(), "BIC")


def _is_bank(code: str, before: str) -> bool:
    """After the word “BIC” a code counts only in capitals, with a digit, or after a colon."""
    sure = code.isupper() or any(each.isdigit() for each in code) or ":" in before
    return sure and code[4:6].upper() in COUNTRIES
