"""tickets/mail/html/allowed_styles.py: colours, emphasis, borders and small distances are shown, and nothing else."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tickets.mail.html.allowed_styles import allowed

LETTERS = re.compile(r"[a-z0-9 #%.,()/:;-]*")


def of_style(style: str, name: str = "p") -> str:
    return allowed(name, {"style": style})


@pytest.mark.parametrize(
    "color",
    [
        "red",
        "rebeccapurple",
        "windowtext",
        "#c00",
        "#c00f",
        "#cc0000",
        "#cc0000ff",
        "rgb(204,0,0)",
        "rgb(204, 0, 0)",
        "rgb(204 0 0)",
        "rgb(80%, 0%, 0%)",
        "rgba(204,0,0,.5)",
        "rgba(204, 0, 0, 0.5)",
        "rgb(204 0 0 / 50%)",
    ],
)
def test_colors_in_every_notation(color: str) -> None:
    assert of_style(f"color:{color}") == f"color:{color}"
    assert of_style(f"background-color: {color};") == f"background-color:{color}"
    assert of_style(f"background:{color}") == f"background-color:{color}"
    assert of_style(f"border-left:2px solid {color}") == f"border-left:2px solid {color}"


@pytest.mark.parametrize(
    ("name", "attributes", "written"),
    [
        ("font", {"color": "red"}, "color:red"),
        ("font", {"color": "#CC0000"}, "color:#cc0000"),
        ("td", {"bgcolor": "#FFFF00"}, "background-color:#ffff00"),
        ("tr", {"bgcolor": "yellow"}, "background-color:yellow"),
        ("p", {"align": "Center"}, "text-align:center"),
        ("td", {"valign": "top"}, "vertical-align:top"),
        ("td", {"width": "120"}, "width:120px"),
        ("td", {"width": "50%"}, "width:50%"),
        ("table", {"width": "800"}, "width:800px"),
        ("table", {"border": "1"}, "border:1px solid"),
        ("table", {"border": "1", "style": "border:none"}, "border:none"),
        ("td", {"bgcolor": "yellow", "style": "background:red"}, "background-color:red"),
    ],
)
def test_attributes_of_old_mail_programs_are_styles_too(name: str, attributes: dict[str, str], written: str) -> None:
    assert allowed(name, attributes) == written


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("font", {"color": "red;background:url(//evil.example)"}),
        ("font", {"color": "url(//evil.example)"}),
        ("font", {"color": "expression(alert(1))"}),
        ("font", {"face": "Arial", "size": "7"}),
        ("td", {"bgcolor": "red;position:fixed"}),
        ("td", {"bgcolor": "&quot;&gt;&lt;b&gt;"}),
        ("td", {"width": "5000"}),
        ("td", {"width": "801"}),
        ("td", {"width": "-1"}),
        ("td", {"width": "٣٣"}),
        ("td", {"width": "²"}),
        ("td", {"width": "*"}),
        ("p", {"align": "left;color:red"}),
        ("p", {"color": "red"}),
        ("table", {"border": "0"}),
        ("table", {"border": " "}),
        ("td", {"border": "1"}),
        ("img", {"align": "left"}),
        ("img", {"width": "120"}),
    ],
)
def test_attributes_that_say_more_or_nothing_are_left_out(name: str, attributes: dict[str, str]) -> None:
    assert allowed(name, attributes) == ""


@pytest.mark.parametrize(
    "style",
    [
        "font-weight:700",
        "font-weight:bold",
        "font-style:italic",
        "text-decoration:line-through",
        "text-decoration-line:underline",
        "text-align:right",
        "vertical-align:middle",
        "list-style-type:lower-alpha",
        "border-collapse:collapse",
        "direction:rtl",
        "border:1px solid red",
        "border:none",
        "border:10px dashed #ccc",
        "border-top:solid #e1e1e1 1.0pt",
        "border-bottom:1px solid rgb(1, 2, 3)",
        "border-left-color:#ccc",
        "border-right-style:dotted",
        "border-width:1px 2px",
        "margin:0",
        "margin:0 auto",
        "margin:12px 0.5em 1rem 45pt",
        "margin-left:36pt",
        "padding:60px",
        "padding-top:8px",
        "width:800px",
        "width:600pt",
        "width:100%",
        "width:auto",
    ],
)
def test_what_is_let_through(style: str) -> None:
    assert of_style(style) == style


def test_outlook_writes_lines_in_its_own_order() -> None:
    style = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
    assert of_style(style, "div") == "border:none;border-top:solid #e1e1e1 1.0pt"
    assert of_style("border-left:solid #CCCCCC 1.0pt;margin-left:4.8pt") == (
        "border-left:solid #cccccc 1.0pt;margin-left:4.8pt"
    )


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("COLOR:RED", "color:red"),
        (" color : red ", "color:red"),
        ("color:red !important", "color:red"),
        ("color:red!important;", "color:red"),
        ("color:red;color:blue", "color:blue"),
        ("color:red;color:url(//evil.example)", "color:red"),
        ("color:red;;;font-weight:bold", "color:red;font-weight:bold"),
        ("position:fixed;color:red;top:0", "color:red"),
        ("color&#58;red&#59;font-weight:bold", "color:red;font-weight:bold"),
        ("border:1px solid &#114;ed", "border:1px solid red"),
        ("color:blac\u212a", "color:black"),  # the sign for Kelvin is a k when it is made small
    ],
)
def test_the_usual_ways_to_write_it(style: str, written: str) -> None:
    assert of_style(style) == written


def test_values_are_written_in_one_line() -> None:
    assert of_style("border-top:solid #E1E1E1\r\n 1.0pt") == "border-top:solid #e1e1e1 1.0pt"
    assert of_style("margin:0\t5px") == "margin:0 5px"
    assert of_style("color:rgb(204,\n0,\n0)") in {"", "color:rgb(204, 0, 0)"}


@pytest.mark.parametrize(
    "style",
    [
        "",
        "red",
        "color",
        "color:",
        ":red",
        "color:red green",
        "color:#c0",
        "color:#gggggg",
        "color:#cc0000cc0",
        "color:hsl(0, 100%, 40%)",
        "color:rgb(var(--x),0,0)",
        "color:rgb(1,2,3",
        "color:rgb()",
        "color:var(--x)",
        "--x:red",
        "background:url(//evil.example/x)",
        "background:red url(//evil.example/x)",
        "background-image:url(//evil.example/x)",
        "background:image-set('//evil.example/x' 1x)",
        "background:linear-gradient(red,blue)",
        "list-style:url(//evil.example/x)",
        "list-style-type:url(//evil.example/x)",
        "list-style-type:'//evil.example'",
        "border-image:url(//evil.example/x)",
        "border:1px solid url(//evil.example/x)",
        "border:url(//evil.example/x)",
        "content:url(//evil.example/x)",
        "cursor:url(//evil.example/x)",
        "color:expression(alert(1))",
        "width:expression(alert(1))",
        "behavior:url(x.htc)",
        "-moz-binding:url(//evil.example/x)",
        "position:fixed",
        "position:absolute",
        "top:0",
        "left:0",
        "inset:0",
        "z-index:9999",
        "float:left",
        "display:none",
        "display:block",
        "visibility:hidden",
        "opacity:0",
        "overflow:hidden",
        "transform:scale(100)",
        "animation:spin",
        "filter:blur(9px)",
        "clip-path:none",
        "font-size:99px",
        "font-family:Arial",
        "font:bold 99px Arial",
        "line-height:0",
        "letter-spacing:9em",
        "white-space:pre",
        "height:9px",
        "max-width:9px",
        "min-width:5000px",
        "font-weight:7000",
        "font-weight:1",
        "text-decoration:underline red",
        "text-indent:-9999px",
    ],
)
def test_what_could_load_cover_or_hide_something_is_left_out(style: str) -> None:
    assert of_style(style) == ""


@pytest.mark.parametrize(
    "style",
    [
        "margin:-1px",
        "margin-left:-9999px",
        "margin:0 -5px",
        "margin:61px",
        "margin-top:5em",
        "margin:46pt",
        "margin:999999px",
        "margin:1e3px",
        "margin:101%",
        "margin:1%",
        "margin:0 5% 0 0",
        "margin-left:100%",
        "margin-top:50%",
        "padding:10%",
        "padding-left:100%",
        "margin:calc(1px)",
        "padding:5000px",
        "padding-left:10cm",
        "padding:10vw",
        "width:5000px",
        "width:801px",
        "width:700pt",
        "width:70em",
        "width:101%",
        "width:-1px",
        "width:100vw",
        "width:calc(100% + 5000px)",
        "width:max-content",
        "width:10px 10px",
        "border:11px solid red",
        "border:5000px solid red",
        "border-width:1em",
        "border-left-width:-1px",
    ],
)
def test_distances_that_are_negative_or_too_large_are_left_out(style: str) -> None:
    assert of_style(style) == ""


@pytest.mark.parametrize(
    "style",
    [
        r"background:\75rl(//evil.example)",
        r"background:u\72l(//evil.example)",
        r"color:\72 ed",
        r"c\6flor:red",
        r"margin:0\9",
        "color:/**/red",
        "color:red/* x */",
        "/**/color:red",
        "co/**/lor:red",
        "background:u/**/rl(//evil.example)",
        "margin:0/**/-5px",
        "ｃolor:red",
        "color:ｒed",
        "color:r\u200bed",
        "color:re\u0301d",
        "color:\u202ered",
        "color:ſilver",
        "color:red\x00",
        "color:#ｃ00",
        "color:#c٠0",
        "color:rgb(٢٠٤,0,0)",
        "background:ｕｒｌ(//evil.example)",
        "margin:٣px",
        "margin:5ｐx",
        "padding:５px",
        "width:٨٠px",
        "border:٢px solid red",
        "font-weight:７00",
        "color:&quot;red&quot;",
        "color:red&quot;",
        'color:"red"',
        "color:'red'",
        "color:<b>",
        "color:&lt;b&gt;",
        "color:red&gt;",
        "color:red}",
        "color:{red",
        "color:@import",
        "color:red&amp;",
        "margin:0&quot; onclick=&quot;alert(1)",
        "border:1px solid &quot;red",
    ],
)
def test_letters_that_a_value_does_not_need_make_it_unknown(style: str) -> None:
    assert of_style(style) == ""


@pytest.mark.parametrize(
    "style",
    [
        "margin:0&#59;position:fixed",
        "color:red&semi;position:fixed",
        "color:red;&#x70;osition:fixed",
        "color:red&amp;#59;position:fixed",
        "color:red&amp;semi;position:fixed",
    ],
)
def test_a_semicolon_in_an_entity_begins_a_declaration_like_any_other(style: str) -> None:
    assert of_style(style) in {"margin:0", "color:red", ""}


@pytest.mark.parametrize("last", ["url(//evil.example/x)", "-5000px", '"&lt;b', "&quot;", r"\75rl(x)", "/*", "5000px"])
@pytest.mark.parametrize("before", [0, 1, 4, 5, 6, 40])
def test_every_part_of_a_value_is_checked(before: int, last: str) -> None:
    for key in ("border", "border-left", "border-width", "margin", "padding"):
        assert of_style(f"{key}:{'0 ' * before}{last}") == ""


@pytest.mark.parametrize("space", ["\xa0", "\u2003", "\u3000", "\u2028", "\x0b", "\x85", "\x1c"])
def test_only_usual_spaces_are_written(space: str) -> None:
    for style in (f"margin:0{space}5px", f"border:1px{space}solid{space}red", f"color:rgb(1,{space}2, 3)"):
        assert LETTERS.fullmatch(of_style(style))


def test_a_style_has_a_limit() -> None:
    assert of_style("color:red;" * 5000) == "color:red"
    assert of_style("x:y;" * 100 + "color:red") == ""
    assert of_style(" " * 3000 + "color:red") == ""


KEYS = st.sampled_from(
    "color background background-color border border-top margin margin-left padding width font-weight "  # noqa: SIM905
    "text-decoration vertical-align position font-size content".split()
)
VALUES = st.lists(
    st.sampled_from("red #c00 1px -1px solid 0 rgb(1,2,3) rgb( url(x) auto 700 / ( ) , 50% 1.0pt \\75 /* */".split())  # noqa: SIM905
    | st.text(alphabet="abz019#%.,()/:;-\\\"'<>&{}@!\n\t\x00\xa0\u2003٣ｒİſ\u212a", max_size=8)
    | st.text(max_size=5),
    max_size=8,
)
STYLES = st.lists(
    st.builds(lambda key, value, space: f"{key}:{space.join(value)}", KEYS, VALUES, st.sampled_from(" \n\t")),
    max_size=5,
).map(";".join)


@given(STYLES)
@example("margin:٣px")
@example("margin:0 0 0 0 0 <b>")
@example("border:1px\nsolid")
def test_only_letters_that_a_style_needs_are_written(style: str) -> None:
    written = of_style(style)
    assert LETTERS.fullmatch(written)
    assert "url" not in written and "expression" not in written and "position" not in written


@given(st.sampled_from(["font", "td", "table", "p", "img"]), st.text(max_size=20), VALUES.map(" ".join))
def test_attributes_write_no_other_letters_either(name: str, value: str, other: str) -> None:
    given = {"color": value, "bgcolor": other, "align": value, "valign": other, "width": value, "border": other}
    assert LETTERS.fullmatch(allowed(name, given))


@given(STYLES)
def test_what_is_written_is_allowed(style: str) -> None:
    written = of_style(style)
    assert of_style(written) == written
