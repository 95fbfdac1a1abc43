"""E-mail addresses and phone numbers."""

import re
from collections.abc import Iterator

from knowledge.masking.text import Span, Text, digits

LOCAL = frozenset(".+%'-_!#$&*/=?^`{|}~")
LOCAL_LIMIT = 254
DOMAIN = re.compile(r"@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})")
# "ana (at) mail (dot) com"
SPELLED = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?: {0,2}[(\[{] {0,2}(?:at|ät|arroba|chiocciola|@) {0,2}[)\]}] {0,2}[\w-]{1,63}"
    r"(?: {0,2}(?:\.|[(\[{] {0,2}(?:dot|punkt|punto|point|ponto|punt) {0,2}[)\]}]) {0,2}[\w-]{1,63}){1,4}"
    r"| at [\w-]{1,63}(?: dot [a-z]{2,20}){1,4}(?!\w))"
)


def find_addresses(text: Text) -> Iterator[Span]:
    for found in DOMAIN.finditer(text.plain):
        start = _local(text.plain, found.start())
        if start < found.start():
            yield Span(start, found.end(), "EMAIL")
    for found in SPELLED.finditer(text.low):
        yield Span(found.start(), found.end(), "EMAIL")


def _local(plain: str, at: int) -> int:
    """The start of the part before the @, or `at` itself if there is none."""
    start = at
    while start > max(0, at - LOCAL_LIMIT) and (plain[start - 1].isalnum() or plain[start - 1] in LOCAL):
        start -= 1
    while start < at and not plain[start].isalnum() and plain[start] not in "_+":
        start += 1
    return start


SEPARATOR = r"[ ()./\-]{0,3}"
EXTENSION = (
    r"(?: {0,2},? ?(?:x|#|ext(?:ension)?|durchwahl|dw|nst|poste|extensión|anexo|interno|int|ramal|toestel|wew)\.?"
    r"[ :]{0,2}[0-9]{1,6})?(?![0-9])"
)
# Not inside a longer number or word. A comma before it separates, unless a digit is before the comma: "1,234 56".
ALONE = r"(?<![\w/.+-])(?<![0-9],)"
NO_AMOUNT = r"(?![0-9]{3}[ -][0-9]{3}[ -]000)"
FORMS = re.compile(
    "|".join(
        [
            # Any country, with country code.
            rf"(?<![\w+])\+(?:{SEPARATOR}[0-9]){{7,15}}{EXTENSION}",
            rf"{ALONE}00(?=[1-9])(?:{SEPARATOR}[0-9]){{8,15}}{EXTENSION}",
            # National, with a leading zero: 9 to 12 digits.
            rf"{ALONE}\(?0[1-9](?:{SEPARATOR}[0-9]){{7,10}}{EXTENSION}",
            # North America: area, exchange, number.
            r"(?<![\w/.+-])(?:(?:001|1)[ .-])?(?:\([0-9]{3}\)[ -]?|[0-9]{3}[.-]|[2-9][0-9]{2} )[0-9]{3}[ .-]?[0-9]{4}"
            rf"{EXTENSION}",
            # An area code in brackets.
            rf"{ALONE}\([0-9]{{2,5}}\)[ -]?[0-9](?:[ .-]?[0-9]){{5,9}}{EXTENSION}",
            # Spain, Portugal, Poland and others: nine digits in threes, or three and then pairs.
            rf"{ALONE}{NO_AMOUNT}[2679][0-9]{{2}}(?:([ -])[0-9]{{3}}\1[0-9]{{3}}"
            rf"|([ .-])[0-9]{{2}}\2[0-9]{{2}}\2[0-9]{{2}})(?![ .-]?[0-9]|-[a-z]){EXTENSION}",
            # Poland and others: a short area code, then three and pairs.
            rf"{ALONE}[1-9][0-9]([ -])[0-9]{{3}}\3[0-9]{{2}}\3[0-9]{{2}}(?![ .-]?[0-9]|-[a-z]){EXTENSION}",
            rf"{ALONE}[1-9][1-9] 9[0-9]{{4}}-[0-9]{{4}}(?![0-9])",  # Brazilian mobile phones
            rf"{ALONE}3[2-9][0-9][ /-][0-9]{{6,7}}(?![0-9])",  # Italian ones
            rf"{ALONE}[6-9][0-9]{{4}}[ -][0-9]{{5}}(?![ .-]?[0-9])",  # Indian ones
        ]
    )
)
# After such a word any form counts.
WORDS = re.compile(
    r"(?:(?<!\w)(?:(?:tele|smart)?(?:ph|f)one?|tel|tél|tlf|tfno|tlm|telem|telefoon|telephone|téléphone|teléfono"
    r"|telefono|telefone|telefon\w{0,8}"
    r"|telemóvel|mobile?|mobil\w{0,8}|móvil|celular|cell(?:ulare)?|portable|handy\w{0,8}|fax|whats ?app|zap|signal|sms"
    r"|call(?: (?:me|us|back))?|reach (?:me|us)|answer(?:ing|s)? (?:at|on)|(?:my|meine?|mon|mi|il mio|o meu"
    r"|mijn) (?:number"
    r"|nummer|numéro|número|numero)|ring me|ruf\w{0,3}|rückruf|appele[rz]?|rappele[rz]?"
    r"|llam\w{1,5}|chiam\w{1,5}"
    r"|reachable|contactable|erreichbar|erreichen|joignable|joindre|localizable|contactável|raggiungibile|reperibile"
    r"|bereikbaar|(?:za)?dzwo[nń]\w{0,5}|(?:dostępn\w{1,3}|kontakt\w{0,4})(?= pod n)|komórk\w{1,3}"
    r"|ligue|bel|gsm|mob|numer telefonu|電話|携帯|电话|電話番号|手机|전화|тел|телефон)(?!\w)"
    r"|(?:^|[\n|·•.,;]) {0,2}[tmphf](?=[ .:]{1,2}[+(]?[0-9](?:[ ()./-]{0,3}[0-9]){7}))"  # in a signature
    r"[^\w\n+(]{0,4}(?:(?:number|no|nr|nummer|numéro|número|numero|numer|numerem|on|at|under|unter|der|is|ist|au|al"
    r"|aan|op|est|es|è|é|pod|me|us|sie|mich|uns|le|o|il|el|:)"
    r"[^\w\n+(]{1,4}){0,4}(\+?\(?[0-9](?:[ ()./-]{0,3}[0-9]){5,14})(?![0-9])",
)
BEFORE_A_WORD = re.compile(
    rf"{ALONE}(?P<number>\(?[0-9](?:[ .()-]{{0,2}}[0-9]){{6,11}})[ -]{{1,2}}(?:(?:is|ist|est|es|è|é) "
    r"(?:my|mein\w?|mon|mi|il mio|o meu) )?(?:office|mobile|cell|fax|mobil|handy|büro|móvil|phone"
    r"|(?:phone |handy|telefon)?(?:number|nummer)|numéro"
    r"|número)(?!\w)"
)
# Six digits count if they are in pairs and the word ends the line.
PAIRS = re.compile(
    rf"{ALONE}(?P<number>[0-9]{{2}}([ -])[0-9]{{2}}\2[0-9]{{2}})[ -]{{1,2}}(?:office|mobile|cell|fax|mobil|handy"
    r"|büro|bureau|oficina|ufficio|kantoor|home|privat|phone)(?= {0,2}(?:$|[\n.,:;|\\]))"
)
# "Joy Harper, 555-0117" at the end of a line, or "Joy Harper | 555-0117" at the end of a sentence.
SIGNED = re.compile(
    r"(?<!\w)[A-Z][\w.'’-]{1,20} (?:[A-Z][\w.'’-]{0,20} )?[A-Z][\w'’-]{1,20}(?: {0,2}(?:,|([|·•–—-])) {0,2}|\n)"
    r"(?P<number>[2-9][0-9]{2}[-.][0-9]{4})(?= {0,2}(?:$|\n)|(?(1)\.(?:\s|$)|\b\B))"
)
DATE = re.compile(
    r"\(?(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[./-][0-9]{1,2}[./-][0-9]{1,2})"
)
# Words before numbers that are no phone numbers.
THING = re.compile(
    r"(?<!\w)(?:order|invoice|ticket|booking|reservation|shipment|parcel|tracking|article|item|sku|version|build|case"
    r"|bestell\w{0,10}|rechnung\w{0,10}|auftrag\w{0,10}|artikel\w{0,10}|sendung\w{0,10}|buchung\w{0,10}"
    r"|vorgang\w{0,10}"
    r"|kunden\w{0,10}|commande|facture|pedido|factura|ordine|fattura|encomenda|fatura|bestelling|factuur|zamówienie"
    r"|ref|reference|referenz|référence|id|serial|serien\w{0,8}|#)"
    r"[ .:#°-]{0,3}(?:(?:id|no|nr|num|number|nummer|n|número|numéro|numero)[ .:#°-]{0,3})?$"
)


def find_phones(text: Text) -> Iterator[Span]:
    for found in WORDS.finditer(text.low):
        if not DATE.match(found[1]):
            yield Span(found.start(1), found.end(1), "PHONE")
    for found in (*BEFORE_A_WORD.finditer(text.low), *PAIRS.finditer(text.low), *SIGNED.finditer(text.plain)):
        if not DATE.match(found["number"]) and not _is_thing(text.low, found.start("number")):
            yield Span(found.start("number"), found.end("number"), "PHONE")
    for found in FORMS.finditer(text.low):
        if found[0].startswith("+") or _is_phone(text.low, found):
            yield Span(found.start(), found.end(), "PHONE")


def _is_phone(low: str, found: re.Match[str]) -> bool:
    if DATE.match(found[0]) or _is_thing(low, found.start()):
        return False
    # Digits without separators need at least ten to be a phone number.
    return len(digits(found[0])) >= 10 or not found[0].isdecimal()


def _is_thing(low: str, start: int) -> bool:
    return THING.search(low, max(0, start - 32), start) is not None
