"""The same stack with our own model process: for the stories that are about what a model writes."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import running
from tests.browser.stack import Stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    # How sure the model is, `evaluate_drafts` measures; here a draft near the minimum score must not decide a story.
    yield from running(Stack(tmp_path_factory.mktemp("real-model"), DRAFT_MIN_SCORE="0.3"), "real")
