"""The same stack with our own model process: for the stories that are about what a model writes."""

from collections.abc import Iterator

import pytest

from tests.browser.conftest import running
from tests.browser.stack import Stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    yield from running(Stack(tmp_path_factory.mktemp("real-model")), "real")
