"""tickets/mail/quoting: new text is separated from quotations, and nothing is lost."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.mail.mime.body import Piece
from tickets.mail.quoting import Context, split, split_html, split_plain

OLD = "> Please restart the app.\n> Regards, Support"


@pytest.mark.parametrize(
    ("language", "introduction"),
    [
        ("en", "On Tue, 3 Mar 2026 at 10:12, Support <support@tallybird.example> wrote:"),
        ("en", "On 3 Mar 2026, at 10:12, A Very Long Name Indeed\n<support@tallybird.example> wrote:"),
        ("de", "Am 03.03.2026 um 10:12 schrieb Support <support@tallybird.example>:"),
        ("es", "El mar, 3 mar 2026 a las 10:12, Support (<support@tallybird.example>) escribió:"),
        ("fr", "Le mar. 3 mars 2026 à 10:12, Support <support@tallybird.example> a écrit :"),
        ("it", "Il giorno mar 3 mar 2026 alle ore 10:12 Support <support@tallybird.example> ha scritto:"),
        ("nl", "Op di 3 mrt 2026 om 10:12 schreef Support <support@tallybird.example>:"),
        ("pt", "Em ter., 3 de mar. de 2026 às 10:12, Support <support@tallybird.example> escreveu:"),
        ("ja", "2026年3月3日(火) 10:12 Support <support@tallybird.example>:"),
        ("zh", "2026年3月3日 10:12，Support <support@tallybird.example> 写道："),
    ],
)
def test_introductions_in_many_languages(language: str, introduction: str) -> None:
    found = split_plain(f"It still fails.\n\n{introduction}\n{OLD}")
    assert found.text == "It still fails."
    assert found.quoted.startswith(introduction.split("\n")[0])


@pytest.mark.parametrize(
    "block",
    [
        "From: Support <support@tallybird.example>\nSent: Tuesday, 3 March 2026 10:12\nTo: Tomas\nSubject: Re: x\n\nOld.",  # noqa: E501
        "________________________________\nVon: Support <s@t.example>\nGesendet: Dienstag\nAn: Tomas\nBetreff: x\n\nAlt.",  # noqa: E501
        "-----Original Message-----\nFrom: Support <s@t.example>\nSent: Tuesday\nTo: x\n\nOld.",
    ],
)
def test_outlook_blocks(block: str) -> None:
    found = split_plain(f"Thanks, that works!\n\n{block}")
    assert found.text == "Thanks, that works!"
    assert found.quoted.endswith(block.rsplit("\n", 1)[1])


def test_answers_between_quoted_lines_stay_in_context() -> None:
    mail = (
        "On Tue, 3 Mar 2026 at 10:12, S <s@t.example> wrote:\n> Which app?\nThe web app.\n> Since when?\nMonday.\n> Bye"
    )
    found = split_plain(mail)
    assert "> Since when?" in found.text and "Monday." in found.text
    assert "> Bye" in found.quoted


def test_an_answer_below_the_quotation() -> None:
    found = split_plain(f"On Tue, 3 Mar 2026 at 10:12, S <s@t.example> wrote:\n{OLD}\n\nI did, no change.")
    assert found.text == "I did, no change." and "restart" in found.quoted


def test_signatures() -> None:
    assert split_plain("It fails.\n\n-- \nTomas\nOkafor Yoga").signature == "--\nTomas\nOkafor Yoga"
    assert split_plain("It fails.\n\nSent from my iPhone").text == "It fails."
    assert split_plain("Es geht nicht.\n\nMit freundlichen Grüßen\nTomas").signature.endswith("Tomas")


@pytest.mark.parametrize(
    "text",
    [
        "Two things:\n- the export stops\n- the import too",
        "Hello,\nThanks, but it still does not work. Can you look again?",
        "Hello\n\nThanks,\nTom\n\nPS: could you also tell me how to export my clients?",
        "I booked:\nFrom: Berlin\nTo: Paris\nand got an error.",
        "Take a look at the list\nTak for it",
    ],
)
def test_what_only_looks_like_a_signature_or_a_header(text: str) -> None:
    assert split_plain(text).text == text


def test_a_forwarded_mail_is_new_text() -> None:
    mail = "Please see below.\n\n---------- Forwarded message ----------\nFrom: a@b.example\nDate: Monday\nTo: c\n\nThe invoice."  # noqa: E501
    assert "The invoice." in split_plain(mail).text
    plain = "Please see.\n\nFrom: A <a@b.example>\nSent: Monday\nTo: C\nSubject: x\n\nThe invoice."
    assert "The invoice." in split_plain(plain, Context(forwarded=True)).text


def test_all_quoted_is_all_text() -> None:
    assert split_plain(OLD).text == OLD
    assert split_html("<blockquote type=cite>All of it</blockquote>").text == "All of it"


@pytest.mark.parametrize(
    "quoted",
    [
        '<div class="gmail_quote"><div class="gmail_attr">On Tue Support wrote:</div><blockquote>Old text</blockquote></div>',  # noqa: E501
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> S</div><div>Old text</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> S</p></div><p>Old text</p>',
        "<hr><p>From: S &lt;s@t.example&gt;<br>Sent: Monday<br>To: T</p><p>Old text</p>",
        '<div class="moz-cite-prefix">On 3.3. S wrote:</div><blockquote type="cite">Old text</blockquote>',
        '<div class="yahoo_quoted">Old text</div>',
    ],
)
def test_html_replies(quoted: str) -> None:
    found = split_html(f"<html><body><p>It <b>still</b> fails.</p>{quoted}</body></html>")
    assert found.text == "It still fails."
    assert "Old text" in found.quoted


def test_html_is_used_if_the_plain_part_is_empty() -> None:
    html = "<p>The calendar is empty since Monday and nobody can book a lesson with us.</p>"
    assert "nobody can book" in split((Piece("See HTML.", html),)).text


PIECES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(["> old", "On 1 Jan 2026, A wrote:", "-- ", "Best regards,", "From: a@b", "To: c", "Sent: x", "___________",  # noqa: E501
                         "-----Original Message-----", "Am 1.1. schrieb A <a@b>:", "", "Thanks,", "Sent from my iPhone"]),  # noqa: E501
    ),
    max_size=14,
)  # fmt: skip


def _letters(text: str) -> Counter[str]:
    return Counter(c for c in text if c.isalnum())


@given(PIECES, st.booleans())
def test_nothing_is_lost_and_nothing_is_all_quoted(lines: list[str], forwarded: bool) -> None:
    from tickets.mail.mime.decoding import storable

    whole = storable("\n".join(lines))
    found = split_plain(whole, Context(forwarded=forwarded))
    assert _letters(found.text + found.quoted + found.signature) == _letters(whole)
    if whole.replace("\xa0", " ").strip():
        assert found.text


@given(PIECES)
def test_html_loses_nothing_either(lines: list[str]) -> None:
    import html as entities

    from tickets.mail.mime.decoding import storable

    whole = storable("\n".join(lines))
    marked = "".join(
        f"<blockquote>{entities.escape(one)}</blockquote>" if i % 3 == 2 else f"<p>{entities.escape(one)}</p>"
        for i, one in enumerate(lines)
    )
    found = split_html(marked)
    assert _letters(found.text + found.quoted + found.signature) == _letters(whole)
