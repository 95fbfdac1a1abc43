"""Values that only a word before them identifies: passports, tax and identity numbers, bank accounts, birth dates."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.masking.text import Span, Text

# What may be between the word and the number.
NEAR = (
    r"(?:[ \t\u00a0:#=.°ºª/()\[\]\-–'\"]|\n(?=[ \t]{0,4}[a-z]{0,3}[0-9])){0,4}"
    r"(?:(?:id|no|nr|num|number|nummer|numéro|numero|número|nº|n|n°|code|card|karte|is|ist|lautet|war|was|est|es|è|é"
    r"|of|de|du"
    r"|di|do|del|mit|der|die|den|with|the|my|mein\w{0,2}|meine\w|mon|ma|mi|mio|mia|meu|minha|mijn|für|for|pour|und"
    r"|and|eu"
    r"|us|uk|german|french|nummeret|as|follows|new|correct[eo]?|correcta|corrett[oa]|corret[oa]|richtige?|korrekte?"
    r"|neue?|nuevo|nuovo|novo|nouveau|juiste|poprawny|nowy|o|el|il|le|to)[ \t:#=.°ºª/()\-–'\"]{1,4}){0,4}"
)
FAR = r"[^\n0-9]{0,40}?"
RUN = r"(?<![a-z0-9+])(?=[a-z0-9]{0,9}[0-9])([a-z0-9]{1,20}(?:[ ./\-][a-z0-9]{1,14}){0,7})(?![a-z0-9])"
FIGURES = r"(?<![a-z0-9+])([a-z]{0,3}[0-9](?:[ ./\-]{0,2}[0-9]){4,24}(?:[ -]?[a-z](?![a-z0-9]))?)(?![a-z0-9])"
DATE = re.compile(r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2,4}|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Label:
    kind: str
    words: str
    between: str
    value: str
    figures: int  # at least so many digits
    length: int = 0  # at least so many digits and letters

    def pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![^\W_])(?:{self.words})(?![^\W_]){self.between}{self.value}")


LABELS = (
    Label(
        "PASSPORT",
        r"passport(?:nummer)?|reisepass(?:es)?|reisepassnummer|pass-?(?:nummer|nr)|passeport|pasaporte|passaporto"
        r"|passaporte"
        r"|paspoort(?:nummer)?|paszportu?|pasnummer|паспорта?",
        FAR,
        RUN,
        3,
        7,
    ),
    Label(
        "ID",
        r"driv(?:er'?s?|ing)[ -]licen[cs]e|driver licen[cs]e|führerschein\w{0,8}|permis de conduire"
        r"|permiso de conducir"
        r"|carn(?:é|et) de conducir|patente(?: di guida)?|carta de condução|rijbewijs\w{0,8}|prawo jazdy"
        r"|(?:national )?id(?:entity)?[ -](?:card|number|no)|personalausweis\w{0,8}|ausweis\w{0,8}"
        r"|carte (?:nationale )?"
        r"d['’]identité|documento (?:nacional )?de identidad|carta d['’]identità|cartão de cidadão"
        r"|bilhete de identidade"
        r"|identiteitskaart\w{0,8}|identiteitsbewijs|dow[oó]d\w{0,3} osobist\w{1,4}"
        r"|cédula|rodné číslo|občank\w{1,3}|občansk\w{2,4} průkaz\w{0,3}|residence permit"
        r"|aufenthaltstitel\w{0,8}"
        r"|titre de séjour|social security|social insurance|sozialversicherung\w{0,10}|rentenversicherung\w{0,10}"
        r"|krankenversicher\w{0,14}|versicherten\w{0,8}|ahv|sécurité sociale|seguridad social|health insurance"
        r"|national "
        r"insurance|nhs(?: number)?|bsn|burgerservicenummer|sofi-?nummer|pesel|personnummer|fødselsnummer|ssn|dni"
        r"|medicare"
        r"|aadhaar|curp",
        FAR,
        RUN,
        3,
        7,
    ),
    Label(
        "TAX",
        r"tax(?:payer)?(?:'s)?[ -](?:id|number|no|identification|reference|file)(?: number)?|tin|ein|itin|utr|ssn"
        r"|employer identification|steuer(?:liche)?[ -]?(?:id|nummer|nr|identifikations\w{0,8})|st\.?-?nr"
        r"|ust-?id\w{0,6}"
        r"|ust-?id-?nr|umsatzsteuer\w{0,24}|vat(?: (?:id|number|no|reg\w{0,10}))?|mwst\w{0,8}|uid|numéro fiscal"
        r"|siret|siren"
        r"|tva(?: intracommunautaire)?|n° tva|n\.?i\.?f\.?|c\.?i\.?f\.?|nie|nit|identificación fiscal|iva"
        r"|partita iva|p\. ?iva"
        r"|codice fiscale|contribuinte"
        r"|cpf|cnpj|btw(?:-?nummer|-?id)?|rsin|nip|regon|abn|tfn|gst(?:in)?|pan|momsnummer|cvr|orgnr|y-tunnus",
        NEAR,
        RUN,
        5,
    ),
    Label(
        "ACCOUNT",
        r"(?:bank )?account (?:number|no|nr|#)|acct|a/c|(?:bank)?konto-?(?:nummer|nr)|(?:bank)?konto|kto"
        r"|numéro de compte"
        r"|rib"
        r"|(?:número|nº) de cuenta|cuenta bancaria|clabe|numero di conto|conto corrente|número da conta"
        r"|conta bancária"
        r"|rekening(?:nummer)?|numer konta|nr konta|routing(?: number)?|aba|sort[ -]?code|blz|bankleitzahl|bsb"
        r"|transit number|bank account|hesap",
        NEAR,
        FIGURES,
        6,
    ),
)
# Languages without spaces between words.
UNSPACED = re.compile(
    r"(?:护照|護照|身份证|身份證|旅券|パスポート|マイナンバー|個人番号|여권|주민등록)[^\na-z0-9]{0,12}"
    r"([a-z0-9](?:[ -]?[a-z0-9]){6,20})(?![a-z0-9])"
)
PATTERNS = tuple((label, label.pattern()) for label in LABELS)

PART = re.compile(r"[a-z0-9]+")
MONTH = r"[^\W\d_]{3,12}\.?"
DATES = (
    r"((?:[0-9]{1,2} ?[./-] ?[0-9]{1,2} ?[./-] ?[0-9]{2,4}|(?:19|20)[0-9]{2} ?[./-] ?[0-9]{1,2} ?[./-] ?[0-9]{1,2})"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th|er|\.|º|ª)?(?: of| de| di)? {{0,2}}{MONTH},?(?: de| del| of)? {{0,2}}(?:19"
    rf"|20)?[0-9]{{2}}"
    rf"|{MONTH} {{0,2}}[0-9]{{1,2}}(?:st|nd|rd|th)?,? {{0,2}}(?:19|20)[0-9]{{2}}"
    r"|[0-9]{1,2}[ .]{1,2}[ivx]{1,4}[ .]{1,2}(?:19|20)[0-9]{2}"
    r"|(?:19|20)[0-9]{2} ?[年년] ?[0-9]{1,2} ?[月월] ?[0-9]{1,2} ?[日일]|(?:19|20)[0-9]{6})(?![0-9])"
)
BIRTH = re.compile(
    r"(?:(?<!\w)(?:date of birth|birth ?dates?|birth ?days?|dob|d\.o\.b\.?|born|geboren\w{0,2}|geboortedatum|geb\.?"
    r"|geburts(?:datum|tag\w{0,2})|geb-?datum|née?|naissance|anniversaire|nacid[oa]|nací|nacimiento|cumpleaños"
    r"|nat[oa]|nascita"
    r"|compleanno|nascid[oa]|nasci|nascimento|aniversário|urodz\w{1,10}|född\w{0,8}|födelse\w{0,8}|født"
    r"|fødsels\w{0,8}"
    r"|syntym\w{1,10}|narozen\w{0,6}|рожд\w{1,8}|народж\w{1,8}|родил\w{1,4}|doğum\w{0,8})(?!\w)"
    r"|生年月日|出生日?期?|生まれ|생년월일)"
    rf"[^\n0-9]{{0,40}}?(?<![0-9a-z]){DATES}"
)
# Abbreviations, directly before the date. Those of one letter also mean other things, and a year tells.
BORN = re.compile(
    r"(?<!\w)(?:(?:ur|urodz|geb|nac|nasc|nat|nar|szül|synt|doğ|γεν|род|fød|föd|gebd)\.|n\.(?= (?:il|le|el|em|am) )"
    r"|geb|nac|gebd|ddn|d\. ?n\.)[ \t:]{0,3}(?:(?:am|dnia|dn\.|w dniu|le|il|el|em|a|op|den|d\.)[ \t]{1,2})?"
    rf"{DATES}"
    r"|(?<!\w)(?<![0-9] )(?<!\n)[bfns*](?:\.[ \t]{1,2}|(?<=\*)[ \t]{0,2})"
    r"((?:[0-9]{1,2}[./-][0-9]{1,2}[./-]|[0-9]{1,2}\.? [^\W\d_]{3,12}\.? )(?:19[0-9]{2}|200[0-9])"
    r"|(?:19[0-9]{2}|200[0-9])-[0-9]{2}-[0-9]{2})(?![0-9])"
)
BORN_AFTER = re.compile(rf"(?<!\w){DATES}[ \t]{{0,2}}[^\n0-9]{{0,6}}(?:geboren|生まれ|born|birth ?day|г\. ?р\.)")


def find(text: Text) -> Iterator[Span]:
    for pattern in (BIRTH, BORN, BORN_AFTER):
        for found in pattern.finditer(text.low):
            group = found.lastindex or 1
            yield Span(found.start(group), found.end(group), "BIRTHDATE")
    for found in UNSPACED.finditer(text.low):
        yield Span(found.start(1), found.end(1), "ID")
    for label, pattern in PATTERNS:
        for found in pattern.finditer(text.low):
            end = _end(text.low, found.start(1), found.end(1), label)
            if end and (label.kind == "ACCOUNT" or not DATE.match(found[1])):
                yield Span(found.start(1), end, label.kind)


def _end(low: str, start: int, end: int, label: Label) -> int:
    """Where the number ends and words begin, or 0 if it has too few digits."""
    last, seen, letters = start, 0, 0
    for part in PART.finditer(low, start, end):
        if last > start and len(part[0]) > 1 and part[0].isalpha():
            break
        last, seen = part.end(), seen + sum(each.isdigit() for each in part[0])
        letters += len(part[0])
    return last if seen >= label.figures and letters >= label.length else 0
