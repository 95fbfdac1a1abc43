from typing import Any

import pytest


@pytest.fixture
def tagged(settings: Any) -> None:
    """With the real tagger, which `make test` fetches."""
    settings.REDACTION_MODEL = "rampart-q4"
