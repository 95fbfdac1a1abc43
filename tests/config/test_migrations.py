"""The migrations describe the models, also their labels and help texts."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AlterField, AlterModelOptions
from django.db.migrations.state import ProjectState

from config.texts_in_migrations import OnlyTexts


@pytest.mark.django_db(databases=["default", "channels"])
def test_no_migration_is_missing() -> None:
    """After a change of a model: `manage.py makemigrations`. It ends with status 1 if there is something to write."""
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_only_texts_means_that_the_database_stays_as_it_is() -> None:
    """Each field is the same column as before, seen from the step of the migration that changes it."""
    loader = MigrationLoader(None)
    checked = 0
    for name, migration in loader.graph.nodes.items():
        if any(isinstance(operation, OnlyTexts) for operation in migration.operations):
            state = loader.project_state(name, at_end=False)
            checked += sum(check(operation, name[0], state) for operation in migration.operations)
    assert checked > 80


def check(operation: Any, app: str, state: ProjectState) -> int:
    inside = operation.state_operations if isinstance(operation, OnlyTexts) else []
    for each in inside:
        assert isinstance(each, AlterField | AlterModelOptions), each.describe()
        if isinstance(each, AlterField):
            old = state.models[app, each.model_name_lower].fields[each.name]
            assert same_column(old, each.field), each.describe()
    operation.state_forwards(app, state)
    return len(inside)


TEXTS = {"verbose_name", "help_text", "choices"}


def same_column(old: Any, new: Any) -> bool:
    return described(old) == described(new)


def described(field: Any) -> Any:
    _, path, positional, named = field.deconstruct()
    return path, positional, {name: value for name, value in named.items() if name not in TEXTS}
