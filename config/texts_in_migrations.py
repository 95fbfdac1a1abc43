"""Migrations that change only texts: labels, help texts, names of choices."""

from typing import Any

from django.db.migrations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation


class OnlyTexts(SeparateDatabaseAndState):
    """What `makemigrations` writes for changed texts goes in here as it is, as a list of operations.

    The database doesn't know texts, so there is nothing to do in it. Without this, Django builds the classes of many
    models again after each single text, which takes seconds for each new installation.
    """

    def __init__(self, state_operations: list[Operation]) -> None:
        super().__init__(state_operations=state_operations)

    def state_forwards(self, app_label: str, state: Any) -> None:
        state.__dict__.pop("apps", None)  # the classes are built again where they are needed next, all at once
        super().state_forwards(app_label, state)
