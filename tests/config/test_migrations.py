"""The migrations describe the models, also their labels and help texts."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db(databases=["default", "channels"])
def test_no_migration_is_missing() -> None:
    """After a change of a model: `manage.py makemigrations`. It ends with status 1 if there is something to write."""
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
