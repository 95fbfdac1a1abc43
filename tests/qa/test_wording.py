"""The durations of one column have one unit."""

import pytest

from qa.pages import wording


@pytest.mark.parametrize(
    ("durations", "texts"),
    [
        ([45, 126], ["45 s", "126 s"]),
        ([45, 3210], ["0.8 min", "53.5 min"]),
        ([600, None], ["10.0 min", "–"]),
        ([1800, 86400], ["0.5 h", "24.0 h"]),
        ([86400, 30 * 86400], ["1.0 d", "30.0 d"]),
        ([None], ["–"]),
        ([], []),
    ],
)
def test_the_longest_duration_decides_the_unit_of_all(durations: list[float | None], texts: list[str]) -> None:
    unit = wording.unit_for(durations)
    assert [unit(each) for each in durations] == texts


@pytest.mark.parametrize(
    ("category", "name"),
    [("vip", "Our best"), ("product_question", "Product question"), ("tips", "Tips"), ("", "No category")],
)
def test_categories_of_tickets_have_labels_and_those_of_articles_are_spelled(category: str, name: str) -> None:
    assert wording.category_name(category, {"vip": "Our best"}) == name


def test_files_do_not_change_with_a_label() -> None:
    assert (wording.category_in_files("vip_club"), wording.category_in_files("")) == ("Vip club", "No category")
