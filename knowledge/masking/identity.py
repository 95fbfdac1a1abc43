"""Tax and identity numbers that form and checksum identify, without a word before them."""

import re
from collections.abc import Callable, Iterator

from stdnum.be import nn
from stdnum.be import vat as be_vat
from stdnum.br import cnpj, cpf
from stdnum.ch import ssn as ahv
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.de import vat as de_vat
from stdnum.dk import cpr
from stdnum.es import cif, dni, nie
from stdnum.eu import vat as eu_vat
from stdnum.fi import hetu
from stdnum.fr import nir, tva
from stdnum.gb import vat as gb_vat
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale, iva
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.us import itin, ssn

from knowledge.masking.text import Span, Text

Check = Callable[[str], object]


def number(form: str, *checks: Check, kind: str = "ID") -> tuple[re.Pattern[str], tuple[Check, ...], str]:
    """A number that needs no word before it. If there are `checks`, one of them must be true."""
    return re.compile(rf"(?<![\w.,/-]){form}(?![\w]|[.,/-][0-9])"), checks, kind


FORMS = (
    number(r"[0-9]{3}-[0-9]{2}-[0-9]{4}", ssn.is_valid, itin.is_valid, kind="TAX"),
    number(
        r"[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}|[0-9]{11}",
        idnr.is_valid,
        pesel.is_valid,
        fodselsnummer.is_valid,
        kind="TAX",
    ),
    number(r"de ?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}", de_vat.is_valid, kind="TAX"),
    number(r"fr ?[a-z0-9]{2}(?: ?[0-9]{3}){3}", tva.is_valid, kind="TAX"),
    number(r"it ?[0-9]{11}", iva.is_valid, kind="TAX"),
    number(r"gb ?(?:[0-9]{3} ?[0-9]{4} ?[0-9]{2}|[0-9]{9})(?: ?[0-9]{3})?", gb_vat.is_valid, kind="TAX"),
    number(r"be ?[01][0-9]{3}[. ]?[0-9]{3}[. ]?[0-9]{3}", be_vat.is_valid, kind="TAX"),
    number(
        r"(?:at ?u[0-9]{8}|nl ?[0-9]{9} ?b ?[0-9]{2}|es ?[a-z0-9][0-9]{7}[a-z0-9]|pt ?[0-9]{9}|pl ?[0-9]{10}"
        r"|dk ?[0-9]{8}"
        r"|se ?[0-9]{12}|fi ?[0-9]{8}|lu ?[0-9]{8}|ie ?[0-9][a-z0-9][0-9]{5}[a-z]{1,2}|cz ?[0-9]{8,10}"
        r"|ro ?[0-9]{4,10}"
        r"|el ?[0-9]{9}|hu ?[0-9]{8}|sk ?[0-9]{10}|si ?[0-9]{8}|hr ?[0-9]{11}|bg ?[0-9]{9,10})",
        eu_vat.is_valid,
        kind="TAX",
    ),
    number(r"che-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}(?: ?(?:mwst|tva|iva))?", kind="TAX"),
    number(r"[0-9]{2}\.?[0-9]{3}\.?[0-9]{3}[ -]?[a-z]|[0-9]{8}[ -]?[a-z]", dni.is_valid),
    number(r"[xyz][ -]?[0-9]{7}[ -]?[a-z]", nie.is_valid),
    number(r"[abcdefghjnpqrsuvw][ -]?[0-9]{7}[ -]?[0-9a-j]", cif.is_valid, kind="TAX"),
    number(
        r"[a-z]{3} ?[a-z]{3} ?[0-9lmnpqrstuv]{2}[a-z][0-9lmnpqrstuv]{2} ?[a-z][0-9lmnpqrstuv]{3}[a-z]",
        codicefiscale.is_valid,
        kind="TAX",
    ),
    number(r"[a-ceghj-prstw-z][a-ceghj-nprstw-z] ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[a-d]"),  # National Insurance
    number(
        r"[12][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?(?:[0-9]{2}|2[ab])[ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{2}", nir.is_valid
    ),
    number(r"(?:19|20)?[0-9]{6}[-+][0-9]{4}", personnummer.is_valid, cpr.is_valid),
    number(r"[0-9]{6}[-+a][0-9]{3}[0-9a-y]", hetu.is_valid),
    number(r"[0-9]{6}/[0-9]{3,4}", rc.is_valid),
    number(r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}", ahv.is_valid),
    number(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", nn.is_valid),
    number(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", cpf.is_valid),
    number(r"[0-9]{2}\.[0-9]{3}\.[0-9]{3}/[0-9]{4}-[0-9]{2}", cnpj.is_valid, kind="TAX"),
    number(r"[a-z]{3}[abcfghljpt][a-z][0-9]{4}[a-z]", pan.is_valid, kind="TAX"),
    number(r"[2-9][0-9]{3}[ -][0-9]{4}[ -][0-9]{4}", aadhaar.is_valid),
    number(r"p<[a-z<]{3}[a-z<]{10,39}\n?[a-z0-9<]{20,44}", kind="PASSPORT"),  # the machine-readable lines
)


def find(text: Text) -> Iterator[Span]:
    for form, checks, kind in FORMS:
        for found in form.finditer(text.low):
            value = found[0].upper()
            if not checks or any(check(value) for check in checks):
                yield Span(found.start(), found.end(), kind)
