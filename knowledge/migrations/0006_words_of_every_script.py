"""The words of every passage anew: by pairs of letters where a script has no spaces, `C++` and `.NET` whole."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations

from knowledge.index.lexical import INDEX

BATCH = 500


def index_anew(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.alias != INDEX.using:
        return
    rows = apps.get_model("knowledge", "Chunk").objects.order_by("pk")
    fields = rows.values_list("pk", "revision__title", "heading_path", "text")
    part: list[Any] = []
    for row in _all(fields):
        part.append(row)
        if len(part) == BATCH:
            INDEX.put_many(part)
            part = []
    INDEX.put_many(part)


def _all(fields: Any) -> Iterator[Any]:
    """In pages, since the table is written to meanwhile."""
    last = 0
    while page := list(fields.filter(pk__gt=last)[:BATCH]):
        yield from page
        last = page[-1][0]


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0005_mask_what_was_kept")]
    operations = [migrations.RunPython(index_anew, migrations.RunPython.noop)]
