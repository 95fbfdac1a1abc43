"""tickets/mail/quoting: any input is split in linear time, and no line is lost."""

import html as entities
import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_linear
from tickets import languages
from tickets.mail import automatic, reading
from tickets.mail.mime.decoding import storable
from tickets.mail.quoting import Context, known, split_html, split_plain

SAID = known(["Please sign in again and reload the page, then export your ledger once more. " * 40])
MAILS = [Context(), Context(answers=False), Context(subject="Re: x", known=SAID), Context(forwarded=True)]

FAMILIES: dict[str, Callable[[int], str]] = {
    "one line of dashes": lambda n: "Hello\n" + "-" * n,
    "one line of underscores": lambda n: "_" * n + "\nhello",
    "dashes above an attribution": lambda n: (
        "Hi\n" + "-" * n + "\nOn 3 March 2026 at 10:12, A <a@b.example> wrote:\n> x"
    ),
    "a named rule": lambda n: "-" * n + " Original Message " + "-" * n,
    "angles": lambda n: ">" * n,
    "lines of angles": lambda n: "hello\n" + ">\n" * (n // 2),
    "angles and words": lambda n: "> a\nb\n" * (n // 6),
    "blank angles between signs": lambda n: "!\n" * (n // 4) + "> a b c\n!\n" * (n // 20),
    "attributions": lambda n: "On 3 March 2026 at 10:12, A <a@b.example> wrote:\n" * (n // 49),
    "attributions without an end": lambda n: "On 3 March 2026 at 10:12, A <a@b.example>\n" * (n // 42),
    "attributions and angles": lambda n: "On 3 March 2026, A wrote:\n> x\n" * (n // 30),
    "half attributions": lambda n: "wrote 2026 <\n" * (n // 13),
    "colons": lambda n: "a:\n" * (n // 3),
    "long lines with colons": lambda n: ("wrote 10:12 2026 <a@b.example " * 13 + ":\n") * (n // 400),
    "brackets": lambda n: "On 2026 " + "<" * n + ":",
    "answers announced": lambda n: "See below, in red\n\n" + "From: a@b.example\nSent: Monday 10:12\nx\n" * (n // 38),
    "headers": lambda n: "From: a@b.example\nSent: Monday 10:12\n" * (n // 36),
    "headers of recipients": lambda n: "From: a\nTo: a@b.example;\n" + "b@c.example;\n" * (n // 13),
    "headers and blank lines": lambda n: "From: a\n\nTo: b\n\n" * (n // 16),
    "closings": lambda n: "Hello\n" + "Best regards\n" * (n // 13),
    "dashes for signatures": lambda n: "Hello\n" + "--\n" * (n // 3),
    "a long signature": lambda n: "Hello\n-- \n" + "confidential " * (n // 13),
    "signatures of telephones": lambda n: "Hello\n" + "Sent from my iPhone\n" * (n // 20),
    "blank lines": lambda n: "a" + "\n" * n + "b",
    "blanks": lambda n: "a" + " " * n + "b",
    "wide letters": lambda n: "於2026年写道：" * (n // 9),
    "one word": lambda n: "w" * n,
}


@pytest.mark.parametrize("name", FAMILIES)
def test_plain_text_is_split_in_linear_time(name: str) -> None:
    def read(text: str) -> None:
        for mail in MAILS:
            split_plain(text, mail)

    assert_linear(read, FAMILIES[name])


HTML: dict[str, Callable[[int], str]] = {
    "quotations in each other": lambda n: "<blockquote>a" * (n // 13),
    "quotations after each other": lambda n: "<blockquote type=cite>a</blockquote>b" * (n // 37),
    "gmail in gmail": lambda n: '<div class="gmail_quote">a<blockquote>b' * (n // 39),
    "separators": lambda n: '<div id="divRplyFwdMsg">a</div>' * (n // 31),
    "attributions": lambda n: "<div>On 3 March 2026 at 10:12, A &lt;a@b.example&gt; wrote:</div>" * (n // 64),
}


@pytest.mark.parametrize("name", HTML)
def test_html_is_split_in_linear_time(name: str) -> None:
    assert_linear(lambda html: split_html(html, MAILS[2]), HTML[name])


@pytest.mark.parametrize("name", FAMILIES)
def test_whole_mails_are_read_quickly(name: str) -> None:
    """40,000 characters in the body and in the headers."""
    text = FAMILIES[name](40_000)
    subject = " ".join(text[:900].split())
    head = f"From: a@b.example\nTo: support@tallybird.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"  # noqa: E501

    def read(content: bytes) -> None:
        letter = reading.read(content)
        automatic.recognize(letter.mail, "support@tallybird.example", letter.text)

    from tests.growth import cpu_seconds

    assert cpu_seconds(read, (head + text).encode()) < 4


@pytest.mark.parametrize("letters", ["a ", "я ", "ø", "漢", "ї", "ب ", "é\n"])
def test_the_language_of_a_long_text_takes_no_longer(letters: str) -> None:
    assert_linear(languages.detect, lambda n: letters * (n // len(letters)))


LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ["> old", ">> older", "> On 1 Jan 2026, A wrote:", "On 1 Jan 2026 at 10:00, A <a@b.example> wrote:", "-- ",
             "Best regards,", "PS: and this?", "From: a@b.example", "Sent: Monday 10:00", "To: c", "Subject: Re: x",
             "________________", "-----Original Message-----", "---------- Forwarded message ---------", "",
             "Am 1.1.2026 schrieb A <a@b.example>:", "schrieb:", "Thanks,", "Sent from my iPhone", "Is it so?",
             "差出人: a", "送信日時: 10:00", "宛先: b", "写道："]
        ),
    ),
    max_size=18,
)  # fmt: skip


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", text))


def shown(text: str) -> set[str]:
    return {line.strip("> \t") for line in text.split("\n")}


@given(LINES, st.sampled_from(MAILS))
def test_every_line_is_text_or_signature_or_quoted(lines: list[str], mail: Context) -> None:
    whole = storable("\n".join(lines)).replace("\xa0", " ")
    found = split_plain(whole, mail)
    assert words(f"{found.text}\n{found.signature}\n{found.quoted}") == words(whole)
    there = shown(f"{found.text}\n{found.signature}\n{found.quoted}")
    assert {line.strip("> \t") for line in whole.split("\n") if line.strip("> \t")} <= there
    if whole.strip():
        assert found.text


@given(
    LINES, st.sampled_from(["<p>{}</p>", "<div>{}<br></div>", "<blockquote>{}</blockquote>"]), st.sampled_from(MAILS)
)
def test_html_loses_no_word_either(lines: list[str], around: str, mail: Context) -> None:
    lines = [storable(line) for line in lines]
    marked = "".join(
        f"<blockquote type=cite>{entities.escape(one)}</blockquote>"
        if i % 3 == 2
        else around.format(entities.escape(one))
        for i, one in enumerate(lines)
    )
    found = split_html(marked, mail)
    assert words(f"{found.text}\n{found.signature}\n{found.quoted}") == words("\n".join(lines))


@given(st.text(max_size=200), st.text(max_size=400))
def test_the_rules_for_automatic_mail_never_raise(subject: str, text: str) -> None:
    content = f"From: a@b.example\nSubject: {' '.join(subject.split())}\n\nx".encode("utf-8", "replace")
    automatic.recognize(reading.read(content).mail, "support@tallybird.example", text)


@given(st.text(max_size=400))
def test_a_language_is_a_code_or_nothing(text: str) -> None:
    assert re.fullmatch(r"|[a-z]{2}", languages.detect(text))
