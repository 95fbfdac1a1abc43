"""Numbers and dates for people, in the language of the page."""

from datetime import date, datetime

import pytest
from django.template import Context, Template
from django.utils.translation import override

from config import formats

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("language", "text"), [("en", "0.30 · 2 Mar · 2 Mar 2026"), ("de", "0,30 · 2. Mär · 2. Mär 2026")]
)
def test_numbers_and_dates_follow_the_language(language: str, text: str) -> None:
    with override(language):
        assert " · ".join([formats.decimal(0.296, 2), formats.day_month(DAY), formats.day_month_year(DAY)]) == text


@pytest.mark.parametrize(("share", "text"), [(0.666, "67%"), (0.0, "0%"), (1.0, "100%")])
def test_shares_are_whole_percent(share: float, text: str) -> None:
    assert formats.percent(share) == text


def test_templates_have_the_same_formats() -> None:
    template = Template("{% for form in forms %}{{ at|date:form }} · {% endfor %}")
    forms = ["MONTH_DAY_FORMAT", "SHORT_DATE_FORMAT", "SHORT_DATETIME_FORMAT"]
    at = datetime(2026, 3, 2, 9, 5)  # noqa: DTZ001 - shown as it is
    with override("de"):
        assert template.render(Context({"at": at, "forms": forms})) == "2. Mär · 2. Mär 2026 · 2. Mär 2026, 09:05 · "
