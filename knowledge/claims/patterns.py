"""Patterns of amounts, times and quantities. Pure. values.py says what they mean."""

import re

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
UNITS: dict[str, tuple[str, float]] = {
    "second": ("time", 1.0), "sec": ("time", 1.0), "sekunde": ("time", 1.0), "segundo": ("time", 1.0),
    "seconde": ("time", 1.0), "minute": ("time", MINUTE), "min": ("time", MINUTE), "minuto": ("time", MINUTE),
    "hour": ("time", HOUR), "hr": ("time", HOUR), "stunde": ("time", HOUR), "hora": ("time", HOUR),
    "heure": ("time", HOUR), "day": ("time", DAY), "tag": ("time", DAY), "día": ("time", DAY), "dia": ("time", DAY),
    "jour": ("time", DAY), "night": ("time", DAY), "week": ("time", 7 * DAY), "woche": ("time", 7 * DAY),
    "semana": ("time", 7 * DAY), "semaine": ("time", 7 * DAY), "fortnight": ("time", 14 * DAY),
    "month": ("time", 365.25 / 12 * DAY), "monat": ("time", 365.25 / 12 * DAY), "mes": ("time", 365.25 / 12 * DAY),
    "mois": ("time", 365.25 / 12 * DAY), "quarter": ("time", 365.25 / 4 * DAY), "year": ("time", 365.25 * DAY),
    "jahr": ("time", 365.25 * DAY), "año": ("time", 365.25 * DAY), "an": ("time", 365.25 * DAY),
}  # fmt: skip
SIZES = {"kb": 1 / 1024, "mb": 1.0, "gb": 1024.0, "tb": 1024.0**2, "megabyte": 1.0, "gigabyte": 1024.0}
CURRENCIES = {
    "€": "eur", "$": "usd", "£": "gbp", "eur": "eur", "euro": "eur", "euros": "eur", "usd": "usd", "dollar": "usd",
    "dollars": "usd", "gbp": "gbp", "pound": "gbp", "pounds": "gbp", "chf": "chf",
}  # fmt: skip
WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "thirteen": 13, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "zehn": 10, "dos": 2, "tres": 3,
    "deux": 2, "trois": 3, "dix": 10,
}  # fmt: skip
SINGLE = {"a": 1.0, "an": 1.0, "one": 1.0, "half an": 0.5, "half a": 0.5, "a single": 1.0, "every": 1.0, "each": 1.0}
_MONTH_WORDS = """
january february march april may june july august september october november december
jan feb mar apr may jun jul aug sep oct nov dec
januar februar märz april mai juni juli august september oktober november dezember
"""
MONTHS = [line.split() for line in _MONTH_WORDS.strip().splitlines()]
THOUSANDS = r"\d{1,3}(?:[,.\u202f\u00a0 ]\d{3}){1,5}"
_DIGITS = rf"{THOUSANDS}(?:[.,]\d{{1,2}})?(?!\d)|\d+(?:[.,]\d{{1,2}})?"
TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
# Atomic: a list of amounts must be read in one way only, or the time doubles with each of them.
NUMBER = (
    rf"(?>{_DIGITS}|(?:{TENS})[- ](?:two|three|four|five|six|seven|eight|nine|one)\b"
    rf"|(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})\b)"
)
_TO = r"\s*(?:–|—|-|to|bis|and|or|y|o|et|ou|und|oder)\s*"
_LIST = rf"(?:{NUMBER}\s*,\s*){{0,6}}{NUMBER}(?:{_TO}{NUMBER})?"
_PERIOD = r"(?:second|minute|hour|day|week|month|year|quarter|monat|jahr|tag|mois|an|mes|año)"
_PER = rf"(?:\s*(?:/|\bper\b|\ba\b|\ban\b|\beach\b|\bevery\b|\bpro\b|\bpar\b|\bal\b)\s*(?P<per>{_PERIOD})s?\b)?"
_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_WORKING = r"(?:(?P<working>business|working|support|werk|arbeits|geschäfts|laborables|ouvrés)[\s-]*)?"
# "5 Kalenderwochen": the last part of a German word says what is counted.
_COMPOUND = r"[a-zäöüß]{3,12}(?=(?:tag|woche|monat|jahr|stunde|minute|sekunde)(?:en|e|n|s)?\b)"

PRICE = re.compile(
    rf"(?:(?P<sign>[€$£])\s?(?P<n1>{_DIGITS})(?:{_TO}[€$£]?\s?(?P<n1b>{_DIGITS}))?"
    rf"|(?<![\d.,])(?P<n2>{NUMBER})\s?(?P<name>€|£|\$|eur|euros?|usd|dollars?|gbp|pounds?|chf)(?!\w)){_PER}",
    re.IGNORECASE,
)
PERCENT = re.compile(rf"(?P<n>{_LIST})\s?(?:%|percent\b|per cent\b|prozent\b|por ciento\b|pour cent\b)", re.IGNORECASE)
DURATION = re.compile(
    rf"(?<![\w.])(?P<n>{_LIST})[\s-]*(?:full |more |calendar |consecutive )?{_WORKING}"
    rf"(?:{_COMPOUND})?(?P<unit>{_UNIT})(?:s|n|en|e|ing)?\b",
    re.IGNORECASE,
)
ONE = re.compile(
    rf"(?<![\w.])(?P<n>half an|half a|a single|a|an|one|every|each)\s+(?:full |calendar )?{_WORKING}"
    rf"(?P<unit>second|minute|hour|day|week|fortnight|month|quarter|year)\b",
    re.IGNORECASE,
)
SIZE = re.compile(rf"(?<![\w.])(?P<n>{_LIST})\s?(?P<unit>kb|mb|gb|tb|megabytes?|gigabytes?)\b", re.IGNORECASE)
_MONTH_NAMES = "|".join(sorted({name for names in MONTHS for name in names}, key=len, reverse=True))
_ORDINAL_WORDS = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
ORDINALS = _ORDINAL_WORDS.split()
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
DATE = re.compile(
    rf"\b(?P<y1>\d{{4}})-(?P<m1>\d\d)-(?P<d1>\d\d)\b"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:of\s+)?(?P<m2>{_MONTH_NAMES})\b\.?(?:,?\s+(?P<y2>\d{{4}}))?"
    rf"|\b(?P<m3>{_MONTH_NAMES})\.?\s+(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<y3>\d{{4}}))?"
    rf"|\b(?P<d4>\d{{1,2}})\.(?P<m4>\d{{1,2}})\.(?P<y4>\d{{4}})\b"
    rf"|\b(?P<d6>{_ORDINAL})\s+of\s+(?P<m6>{_MONTH_NAMES})\b(?:,?\s+(?P<y6>\d{{4}}))?"
    rf"|\bon the (?P<d7>{_ORDINAL})\b(?!\s+[a-z])|\bon day (?P<d8>\d{{1,2}})\b|\bthe (?P<d9>{_ORDINAL}) day\b"
    rf"|\b(?P<d5>\d{{1,2}})(?:st|nd|rd|th)\b(?!\s+(?:floor|time|attempt|year|party))",
    re.IGNORECASE,
)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
WEEKDAY = re.compile(rf"\b{_WEEKDAY}(?:\s*(?:to|–|-|,|and|or)\s*{_WEEKDAY})*\b", re.IGNORECASE)
CLOCK = re.compile(
    r"(?<![\w.:])(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>am|pm|a\.m\.|p\.m\.)(?!\w)"
    r"|(?<![\w.:])(?P<h2>[01]?\d|2[0-4]):(?P<m2>[0-5]\d)(?![\w:])|\b(?P<noon>noon|midnight)\b",
    re.IGNORECASE,
)
COUNT = re.compile(
    rf"(?<![\w.,/#-])(?P<n>{_LIST})\+?(?:\s+|-)(?P<words>[^\W\d_][\w'-]*(?:\s+[^\W\d_][\w'-]*){{0,2}}){_PER}",
    re.IGNORECASE,
)
VERSION = re.compile(
    r"\b(?P<name>ios|android|safari|chrome|firefox|edge|windows|macos|tls|php)\s?(?P<n>\d+(?:\.\d+)*)\+?", re.IGNORECASE
)
# Words before or after a number that make it an upper or lower bound.
MOST = re.compile(
    r"(?:at most|up to|no more than|not more than|maximum(?: of)?|max\.?|limited to|less than|under|within"
    r"|until|by|höchstens|bis zu|hasta|jusqu'à)\W*$",
    re.IGNORECASE,
)
LEAST = re.compile(
    r"(?:at least|minimum(?: of)?|min\.?|no less than|more than|over|starts? at|starting at|from"
    r"|mindestens|al menos|au moins)\W*$",
    re.IGNORECASE,
)
AFTER_MOST = re.compile(r"^\W*(?:or less|or fewer|at most|at the latest|maximum)\b", re.IGNORECASE)
AFTER_LEAST = re.compile(r"^\W*(?:\+|or more|or longer|or later|and up|at least|minimum)(?!\w)", re.IGNORECASE)
