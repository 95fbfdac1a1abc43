"""Addresses are found whole, in many languages and over lines; what a question counts or names is no address."""

import pytest

from knowledge.masking import addresses
from knowledge.masking.text import Text
from tests.growth import assert_linear


def found(text: str) -> list[str]:
    return [text[span.start : span.end] for span in addresses.find(Text.of(text))]


STREETS = """
14 Harcourt Terrace|221B Baker Street|14, Orchard Rd.|9 orchard lane|1600 Willow Ave NW|Sesame Street 5|27 Kesä Street
12 rue de la Paix|12 bis, av. du Général Ferrand|8 rue des cerisiers|quai Saint-Nicolas 16|Rue de la Fontaine 16
Lindenstraße 14a|lindenstr. 14|Hauptstr.5|Berliner Straße 14|Am Alten Markt 3|Unter den Linden 5|Rosenweg 9
Straße des 17. Juni 135|Kaiser-Otto-Platz 2
Calle Mayor 5, 3º izq|C/ Luna 15|Avenida del Puerto, 77|Via Garibaldi, 12|Corso Vittorio II, 112|Piazza del Pozzo 3
Rua das Flores 33|Zona Estação 75|Travessa do Moinho 5|Rua 25 de Abril 3
Kerkstraat 8-10|Adrianalaan 62|Molenkade 18-III|Hugo de Grootlaan 7|ul. Królowej Jadwigi 112/4|ul. miła 13
os. Lipowe 33/4
Storgatan 5|Björkvägen 55|Industrivej 82|Karl Johans gate 5|Tawastintie 72|Kirkkokatu 9
Veres Pálné u. 91.|Rózsa utca 7.|náměstí Míru 9|Javorové náměstí 56
""".replace("\n", "|").strip("|")
UNITS = (
    """
Suite 826|Apt. 485|Unit 9104 Box 2779|2. Stock links|Flat 3B|PO Box 194|P.O. Box 12|Postfach 12 34|Skrytka pocztowa 12
lok. 12|lgh 1102|3º izq.|piso 2º B|3e étage gauche|Casella postale 44
PSC 7004, Box 8380\nAPO AP 11949|USNV Lindgren\nFPO AE 13689|USCGC Morrow\nFPO AP 15834|Unit 2451 Box 96\nDPO AA 78045
""".strip()
    .replace("\nPSC", "|PSC")
    .replace("\nlok", "|lok")
)
WHOLE = [
    "Flat 3B, 7 Primrose Court, Leeds LS6 3QT, UK",
    "14 Harcourt Terrace, Dublin 2, D02 XY47, Ireland",
    "14 Main Street\nApt 3\nSpringfield, IL 62704\nUSA",
    "88 Queensway, London WC2B 6AA",
    "350 Collins Street, Melbourne VIC 3000",
    "77 Lakeshore Drive, Toronto, ON M5V 2T6, Canada",
    "Lindenweg 14\n> 10969 Berlin\n> Deutschland",
    "Lindenstr. 5, 2. Stock links, 10969 Berlin",
    "Lindenstraße 5\n\n10969 Berlin\n\nGermany",
    "12 rue de la Paix, 3e étage, 75002 Paris, France",
    "BP 70, 69002 Lyon",
    "Rue de la Fontaine 16 bte 3, 1000 Bruxelles",
    "Calle Mayor 5, piso 2º B, 28013 Madrid, España",
    "Apartado 12, 28080 Madrid",
    "Via Garibaldi, 12, interno 4, 20121 Milano (MI)",
    "Rua das Flores, 33, 2.º Dto., 4050-262 Porto, Portugal",
    "Kerkstraat 8 bus 3, 9000 Gent",
    "Molenkade 18-III, 1017 GL Amsterdam",
    "ul. Długa 7 m. 5, 00-950 Warszawa, Polska",
    "Storgatan 5, lgh 1102, 114 55 Stockholm",
    "Nygade 7, 2. th., 8000 Aarhus C",
    "Karl Johans gate 5, 0154 Oslo",
    "Mannerheimintie 5 A 12, 00100 Helsinki",
    "Dlouhá 12, 110 00 Praha 1",
    "Rózsa utca 7., 1053 Budapest",
    "Lange Veld 9, 2514 EA Den Haag",
    "the corner of Auenweg 85 and Kesä Street",
]
PLACES = """
10969 Berlin|D02 XY47|SW1A 1AA London|1012 AB Amsterdam|00-950 Warszawa|28013 Madrid, España|Springfield, IL 62704
Toronto, ON M5V 2T6|01067 Dresden|8001 Zürich|3000-343 Coimbra|Hobart TAS 7000
""".strip().replace("\n", "|")


@pytest.mark.parametrize("address", [*STREETS.split("|"), *UNITS.split("|"), *WHOLE, *PLACES.split("|")])
def test_an_address_is_found_whole(address: str) -> None:
    assert found(address) == [address]
    assert found(f"Hello,\nI moved: {address}\n\nthank you") == [address]


AFTER_CUES = [
    ("please ship it to 14 Birch Hollow, Dublin", "14 Birch Hollow, Dublin"),
    ("Address: Rosehill 14, Cork", "Rosehill 14, Cork"),
    ("meine neue Adresse ist Am Anger 3, Halle", "Am Anger 3, Halle"),
    ("bitte liefern an Mühlgrund 14, Gera.", "Mühlgrund 14, Gera"),
    ("mi dirección: Los Olivos 7, Toledo", "Los Olivos 7, Toledo"),
    ("il mio indirizzo è Cascina Verde 4, Lodi", "Cascina Verde 4, Lodi"),
    ("mijn adres is Oude Haven 12.", "Oude Haven 12"),
    ("meet me at Felicity and Hraunás 84", "Felicity and Hraunás 84"),
    ("my zip code is 35649", "35649"),
    ("Postleitzahl 10969, oder?", "10969"),
    ("kod pocztowy: 00-950", "00-950"),
    ("my postcode is sw1a 1aa", "sw1a 1aa"),
    ("J'habite à 59100 Prévert.", "59100 Prévert"),
]


@pytest.mark.parametrize(("text", "address"), AFTER_CUES)
def test_after_a_word_that_announces_one_any_form_counts(text: str, address: str) -> None:
    assert found(text) == [address]


NONE = (
    """
Chrome 120|Version 4.12|Windows 11|Order 48213|Invoice 2024-11|room for 3 users|Page 12|Settings > Billing
50 GB per month
5 days street price|Suite of 3 apps|Microsoft Office Suite 2021|Plan Pro 2|Unit tests 12 failed|Box 3 of the form
24 hours
HTTP 502|Via Slack 2 messages|via Zapier 3 times|via SMS 2.|Via Webhook 3.|in Via della posta|Place 2 orders
Road map 2025|4 ways to pay|Drive 2 GB|Google Drive 100 GB|I have 2 Google Drive accounts|step 3 way
our 2024 Court ruling
our 2024 High Court ruling|12345 requests|Gasse|Berlin|Ich wohne in Berlin|the highway 66 article|am 3. Mai
Am Montag 3 Stunden|a 2 street|Ziel 3|ticket 4711|weg 3 Tage|ich bin 3 Tage weg|Platz 1|Wir sind auf Platz 1.
Wir haben 12000 Kunden.|Das sind 50000 Euro, 12345 Nutzer|Speicherplatz 10 GB.|Sitzplatz 14, bitte|Der Bahnhof 3 ist zu
Rue 5|In 2024 Berlin grew|Version 4, 24103 Zeilen|Am Ende 5 Fehler.|Im Mai 2024, danach|Zum Ticket 4711, bitte
Zur Rechnung 12.|iPad 9, iPhone 15.|Trackpad 2.|My email address is 12 characters long|IP address is 10.0.0.1
Address line 2 is missing|The address: field 3 fails|send it to Anna 3 times|We sent it to Order 48213.
Send the report to Team 5.|The flat 20 % fee|flat 3 months|apt install 3 packages|apt 2.4 fails|Level 3 support, please
Top 10.|Floor 3?|Nous avons 15000 Clients.|tengo 3 calles|pago en 3 plazos, plaza 2|il piano 3.|step 2 via Settings 3.
2025 IT Budget|2025 IT Berlin|Q4 2024 Paris office|Windows 10 Pro, Office 365|Plan Pro 2, 12000 Users|Galaxy S24
CA 94105|code IN 12345|M4 Max 128|Intel M3 8GB|A10 2024|step 2. Stock is empty|im 2. Stock|the 3rd floor plan
lunch at 12:30
am 12. März 2024|le 3 mai 2024|el 5 de mayo de 2024|den 3. maj 2024|3 maja 2024|2 avenue to success|there are 3 Streets
send the report to Outlook 365.|forward my mails to Gmail 2, please|it arrived in Outlook 16.
3 Main Points|12 Green Points|I paid 1010 Euro|Umweg 5.|Rückweg 2.|Monitoring 24, bitte|Room 12.|m. 5|bus 3|interno 4
Katie 5.|USS Enterprise model|box 12345|Unit 4|Postfach|PO Box|Wall Street 2023 earnings|Black Friday 2024 Road Show
3 Kunden, Hauptstraße|Anna u. 5 Kollegen|Peter u. 5.|pl. 5|os. 3 lat|al. 5|od ul. 3|Camino 4|C/ 4|c/o 5|Markt 3 Artikel
ring 3 times|Feedback 3.|Rechnung 2024, 10115 Einträge|Kasse 3, 12345 Artikel|Team 7, 10000 Credits.
to 25000 Subscribers.|in 20000 Fällen.|in 12500 Fällen.|à 12500 Abonnés,|Hallo,\\n12345 Zugriffe\\nDanke
RFC 2616 HTTP, 8000 Ports|LG 55 UHD|7 Day Pass.|30 Day Trial Run.|12 Month Plan Point.|5 Star View.|Windows 11 Home Gate
$1,299.00 per seat|1.240,00 € pro Jahr|error 0x80070057|ERR_AUTH_401|version 2.14.3-rc1|around 12 a.m.|2 rue fois
""".strip()
    .replace("\n", "|")
    .replace("\\n", "\n")
)


@pytest.mark.parametrize("text", NONE.split("|"))
def test_what_is_counted_or_named_is_no_address(text: str) -> None:
    assert found(text) == []
    assert found(f"Hello, I ask because of this: {text}\nThanks") == []


def test_two_addresses_are_two_spans_and_the_text_between_stays() -> None:
    text = "Move me from Lindenstraße 14, 10969 Berlin to 12 rue de la Paix, 75002 Paris please"
    assert found(text) == ["Lindenstraße 14, 10969 Berlin", "12 rue de la Paix, 75002 Paris"]


def test_a_greeting_after_an_address_stays() -> None:
    assert found("Send it to 14 Harcourt Terrace, Dublin. Thanks, Ana") == ["14 Harcourt Terrace, Dublin"]
    assert found("Lindenstraße 14\nDanke, Ana") == ["Lindenstraße 14"]


def test_the_kind_is_address() -> None:
    assert [span.kind for span in addresses.find(Text.of("14 Harcourt Terrace"))] == ["ADDRESS"]


PIECES = [
    "12 ",
    "rue de ",
    "street ",
    "apt 1 ",
    "\n10969 Berlin",
    "address: ",
    "Ab ",
    "A-",
    "São ",
    "send it to Ab 3 ",
    "\n> ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_time_is_linear_in_the_text(piece: str) -> None:
    assert_linear(
        lambda text: list(addresses.find(Text.of(text))), lambda n: piece * (n // len(piece)), (3_000, 12_000)
    )
