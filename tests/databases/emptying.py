"""After a test with real transactions its tables are emptied, as Django does it, but without what takes the longest.

The rows that migrations add are there again, as in a new installation.
"""

from importlib import import_module
from typing import Any

from django.db import connections, transaction
from django.test import TransactionTestCase

from knowledge.index import lexical
from tickets import search
from tickets.models import Category

# Django would fill these again from the models, with the same rows each time: longer than most tests take.
SAME = {"django_content_type", "auth_permission"}
CATEGORIES = import_module("tickets.migrations.0014_category_rows").shipped()
FULL_TEXT = (lexical.INDEX, search.INDEX)  # tables that belong to no model


def empty(test: Any) -> None:
    """DELETE in place of PostgreSQL's TRUNCATE, which makes new files for every table, also for those without rows."""
    for alias in test._databases_names(include_mirrors=False):
        connection = connections[alias]
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        with transaction.atomic(using=alias), connection.cursor() as cursor:
            for table in sorted(set(tables) - SAME):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
        if alias == "default":
            Category.objects.bulk_create(Category(**row) for row in CATEGORIES)
    for index in FULL_TEXT:
        index.clear()


TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
