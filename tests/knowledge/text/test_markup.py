"""Readers see and search finds the same words, without hidden markup; the time is linear for any text."""

import html
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.articles.checks import check
from knowledge.text.chunking import chunk
from knowledge.text.markup import one_line, presentable, readable
from knowledge.text.rendering import render
from tests.growth import assert_linear, cpu_seconds


def shown(markdown: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", render(markdown)))


def searched(markdown: str) -> str:
    return "\n".join(f"{piece.heading_path}\n{piece.text}" for piece in chunk(markdown))


KEPT = [
    "Write `{% if paid %}` before and `{% endif %}` after",
    "a note is `<!-- hidden -->`, shown as code",
    "put ``{{ name }} ` `` there",
    "put {{name}} or {{ first_name }} where the name goes",
    "Replace <YOUR_API_KEY> and <your-domain> with your own",
    "Type <Name> and a < b, c > d, x<y",
    "the Map<String, List<Order>> of the code",
    "import contacts from 'Excel'",
    'import your data from "Settings"',
    "export default prices as a table",
    "100 {%} of {: it stays",
    "see #section and {#nothing here",
    "it costs 5 $ {or 6}",
    "a comment <!-- that nobody closed",
    "<?php echo 1; ?> is shown",
    "<ol> lists",
]


@pytest.mark.parametrize("text", KEPT)
def test_prose_and_code_that_look_like_hidden_markup_stay(text: str) -> None:
    words = re.sub(r"<ol>|`", "", text).split()
    for place in (f"{text}\n\nNext paragraph.", f"First.\n\n- {text}\n- more", f"> {text}"):
        assert [word for word in words if word not in shown(place)] == []
        assert [word for word in words if word not in searched(place).replace("`", "")] == []


@pytest.mark.parametrize(
    "code",
    [
        "```\n{text}\n```",
        "~~~html\n{text}\n~~~",
        "Before:\n\n    {text}\n",
        "- item\n\n  ```js\n  {text}\n  ```",
        "`{text}`",
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        '<script type="application/ld+json">{"@type": "FAQPage"}</script>',
        "import Tabs from '@theme/Tabs';",
        "<TabItem value='x' label='Mac'>",
        "{{< figure src='a.png' >}} {% include b.html %} {: .note}",
        "<!-- comment --> ::: tip",
    ],
)
def test_nothing_is_removed_from_code(code: str, text: str) -> None:
    markdown = code.replace("{text}", text)
    assert text in shown(markdown)
    assert text in searched(markdown)


GONE = [
    '<script type="application/ld+json">\n{\n  "@type": "Question"\n\n}\n</script>',
    '<head>\n  <script type="application/ld+json">{`\n    {"@type": "Question"}\n  `}</script>\n</head>',
    "<style>\n.Question { color: red }\n\n.b {}\n</style>",
    "<SCRIPT>Question()</SCRIPT >",
    "import Question from '@site/src/Question';",
    "import {\n  Question,\n  Answer\n} from '../Question';",
    "import 'Question.css'",
    "export const Question = ({children}) => (\n  <span style={{color: 'red'}}>\n\n    {children}\n  </span>\n);",
    "export default function Question() {\n  return null;\n}",
    '<Question items={[{a: "b"}, {c: "d"}]} onClick={() => go("x > y")} />',
    '<Question href="x">\n</Question>',
    "<!-- Question\n\nstill a comment\n\n```\ncode\n```\n-->",
    "{/* Question */}",
    '{% include question.html type="Question" %}',
    "{%- comment -%} Question {%- endcomment -%}",
    '{{< ref "Question.md" >}}',
    "{{% Question %}}",
    "{{ site.Question }}",
    "{{ '/Question' | relative_url }}",
    "{: .Question #Question }",
    '{:class="Question"}',
    "{::options Question=1 /}",
    "[[toc]]",
    '<svg viewBox="0 0 1 1"><title>Question</title></svg>',
    '<a id="Question"></a>',
]


@pytest.mark.parametrize("hidden", GONE)
def test_hidden_markup_is_neither_shown_nor_searched(hidden: str) -> None:
    markdown = f"First words.\n\n{hidden}\n\nLast words."
    for text in (shown(markdown), searched(markdown)):
        assert text.split() == ["First", "words.", "Last", "words."]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ('<img src="a.png" alt="The blue button">', "The blue button"),
        ('<TabItem value="m" label="On a Mac">', "On a Mac"),
        ('{{< figure src="a.png" caption="The blue button" >}}', "The blue button"),
        ('{% include figure.html alt="The blue button" %}', "The blue button"),
        ("{% raw %}{{ the code }}{% endraw %}", "{{ the code }}"),
        ("<details><summary>More</summary>\nText\n</details>", "More Text"),
        ("<table><tr><td>one</td><td>two</td></tr></table>", "one two"),
        (":::tip[Good to know]\nText\n:::", "Good to know Text"),
        ('!!! note "Careful"\n    Text', "Careful Text"),
        ("one<br>two", "one two"),
        ("<code>{% x %}</code>", "{% x %}"),
        ("<pre>\n  a &lt;b&gt;\n</pre>", "a <b>"),
    ],
)
def test_what_readers_see_of_a_tag_stays(markdown: str, words: str) -> None:
    assert " ".join(shown(markdown.replace("<br>", "<br> ")).split()) == words
    assert " ".join(searched(markdown).replace("`", "").split()) == words


WORD = st.text(alphabet="abcdeäéß再発行", min_size=1, max_size=8)
PROSE = st.lists(WORD, min_size=1, max_size=7).map(" ".join)
PIECE = st.one_of(
    PROSE,
    PROSE.map(lambda text: f"**{text}**"),
    PROSE.map(lambda text: f"[{text}](other.md#x)"),
    PROSE.map(lambda text: f"# {text}"),
    PROSE.map(lambda text: f"> {text}"),
    PROSE.map(lambda text: f"- {text}"),
    PROSE.map(lambda text: f"`{text}`"),
    PROSE.map(lambda text: f"```\n{text}\n```"),
    PROSE.map(lambda text: f"<div>\n{text}\n</div>"),
    PROSE.map(lambda text: f'<Tab label="x">\n\n{text}\n\n</Tab>'),
    PROSE.map(lambda text: f":::note\n{text}\n:::"),
    PROSE.map(lambda text: f"| {text} | x |\n|---|---|\n| {text} | y |"),
    st.sampled_from(
        ["<!-- no -->", "{% if x %}", "{{< y >}}", "import A from './a';", "<br>", "***", "<Tab", "{%", "```x"]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECE, min_size=1, max_size=8).map("\n\n".join))
def test_the_page_and_the_search_have_the_same_words(markdown: str) -> None:
    def said(text: str) -> set[str]:
        return set(re.findall(r"[^\W\d_]+", text))

    on_page, found = said(shown(markdown)), said(searched(markdown))
    assert on_page <= found
    assert found <= on_page | {"x"}  # what follows the marks of a fence names its language


MARKS = "#*_-|`~<>[](){}!\\/:=\"'%@&;. \n\tab1"


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400) | st.text(alphabet=MARKS, max_size=300))
def test_no_text_raises(text: str) -> None:
    assert "\x00" not in presentable(text) + readable(text)
    assert "<script" not in render(text)
    check(text, "Title")
    one_line(readable(text))


UNITS = [
    *("[", "![", "](", "[a](", "[a][", "[a]: b\n", "[^", "*a ", "**a", "a**b", "_a_", "*", "***a", "~~a"),
    *("`", "`` a", "```\n", "``` a\n", "~~~\n", "<", "<a ", "<a b=", '<a "', "<a b='", "<a {", "<A b={"),
    *("</a>", "<div>", "<div>\n", "<b>\n\n", "<script>", "<script>\n", "<script ", "<style>", "<pre>"),
    *("<code>", "<!--", "<!-- \n", "--", "-->", "{%", "{% a", "{% raw %}", "%}", "{{", "{{<", "{{ site."),
    *("{{ a |", "{{'a'", "{:", "{: .", "{/*", "{", "}", "> ", "- ", "1. ", "\t", "    a\n", "# ", "# {"),
    *("#{#a}\n", "|", "|-", "|a\n|-\n", ":::", "::: a [", "!!! a ", "!!! a\n    ", "import a "),
    *("import {\n", "import {a\n\n", "export const a = {\n\n", "&", "&amp;", "&#x;", "\\", "\\<", "a@b.c "),
    *("<a@b", "<http://a", "https://a.", "\r", "\n", " \n", "-\n", "=\n", "x", "再", "= ", "-| "),
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear_in_the_text(unit: str) -> None:
    def read(text: str) -> None:
        chunk(text, "Title")
        render(text)
        check(text, "Title")

    assert_linear(read, lambda size: unit * (size // len(unit)), sizes=(5_000, 20_000))


@pytest.mark.parametrize(
    "family",
    [
        lambda size: "<script>" + " <script" * (size // 8) + ">",
        lambda size: "{% raw %}" * (size // 18) + "{% endraw %}" * (size // 24),
        lambda size: "<a b='" + '"' * size,
        lambda size: "{{ " + " " * size + "}}",
        lambda size: "# a " + " " * size + "{",
        lambda size: "---\ntitle: a\n" + " \n" * (size // 2) + "x",
        lambda size: "---\n" + "  a: b\n" * (size // 7),
        lambda size: "| a |\n" + "-" * size + "x",
        lambda size: "\n".join(" " * (2 * depth) + "- a" for depth in range(int(size**0.5))),
        lambda size: ">" * (size // 2) + " a\n" + ">" * (size // 2),
        lambda size: "`" + "".join("`" * (1 + number % 300) + " " for number in range(size // 150)),
        lambda size: "word " * (size // 5),
        lambda size: "x" * size,
    ],
)
def test_time_is_linear_for_longer_shapes(family: object) -> None:
    def read(text: str) -> None:
        one_line(text)
        chunk(text, "Title")
        render(text)

    assert_linear(read, family, sizes=(5_000, 20_000))  # type: ignore[arg-type]


def test_a_table_of_millions_of_empty_cells_is_not_filled_in() -> None:
    wide = "|a" * 3000 + "\n" + "|-" * 3000 + "\n" + "|b\n" * 3000
    assert cpu_seconds(render, wide) < 10
