"""Plots are valid SVG, start at zero and have no inline style."""

from xml.etree import ElementTree

import pytest

from qa.charts import charts, small_charts
from qa.charts.charts import Column, Line, Part

PARTS = [Part("accepted", "Accepted", "Acc"), Part("edited", "Edited & sent", "Ed")]
SVG = "{http://www.w3.org/2000/svg}"


def parse(markup: str) -> ElementTree.Element:
    assert "style=" not in markup and "onclick" not in markup
    return ElementTree.fromstring(markup)  # noqa: S314


@pytest.mark.parametrize("width", charts.WIDTHS.values())
def test_stack_heights_are_proportional_from_zero(width: int) -> None:
    columns = [Column("1 Mar", [2, 1], ["?a", "?b"]), Column("2 Mar", [0, 4], ["?c", "?d"])]
    root = parse(
        charts.stacks("x-wide", width, PARTS, columns, Column("All", [2, 5], ["?e", "?f"]), "7 drafts", "Drafts")
    )
    days = [link for link in root.findall("a") if link.get("tabindex") == "-1"]
    assert [link.get("href") for link in days] == ["?a", "?b", "?d"]  # nothing counted, nothing drawn
    rects = [link.find("rect") for link in days]
    tall = [float(rect.get("height", 0)) for rect in rects if rect is not None]
    assert tall[0] / tall[1] == pytest.approx(2, abs=0.05) and tall[2] / tall[1] == pytest.approx(4, abs=0.05)
    first = rects[0]
    assert first is not None
    assert float(first.get("y", 0)) + tall[0] == pytest.approx(236 - charts.BOTTOM, abs=0.2)
    assert root.find("title") is not None and (root.findtext("desc") or "") == "7 drafts"


def test_days_without_a_value_have_no_point_and_outliers_are_written() -> None:
    found = [Line("accepted", "accepted 20 s", [20, None, 22, 21, 19, 9000])]
    root = parse(charts.lines("y-wide", 1054, list("abcdef"), found, 60, "Seconds", "words"))
    group = root.find("g")
    assert group is not None and len(group.findall("circle")) == 4
    assert group.findtext("text") == "▲ 9000"


@pytest.mark.parametrize(("most", "end"), [(0, 2), (1, 2), (3, 4), (9, 10), (11, 12), (13, 16), (25, 30), (140, 160)])
def test_axis_ends(most: float, end: float) -> None:
    assert charts.axis_end(most) == end


def test_labels_keep_their_distance_and_stay_inside() -> None:
    placed = charts.spread([10, 11, 12, 198, 199], 10, 200)
    assert all(b - a >= charts.LINE for a, b in zip(placed, placed[1:], strict=False))
    assert placed[-1] == 200 and placed == sorted(placed)


def test_text_is_escaped() -> None:
    root = parse(charts.lines("z-wide", 318, ["<b>"], [Line("accepted", "<i>&", [1])], 60, "<t>", "<d>"))
    assert root.findtext("title") == "<t>"


def test_small_plots() -> None:
    assert small_charts.spark([None, 0.5]) == "" and small_charts.bar(None) == ""
    parse(small_charts.spark([0, None, 0]))
    parse(small_charts.bar(0.5, 0.2, 0.8))
    root = parse(
        small_charts.histogram("d-wide", 498, [1, 0, 0, 0, 0, 0, 0, 0, 0, 3], [f"?{k}" for k in range(10)], 0.95)
    )
    assert [link.get("href") for link in root.findall("a")] == ["?0", "?9"]
