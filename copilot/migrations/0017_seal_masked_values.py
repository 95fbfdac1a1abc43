"""What placeholders stand for is encrypted. The same value is found by its fingerprint, no longer by its beginning.

What is stored is made by `copilot.redaction.sealing`, with the SECRET_KEY of whoever migrates. The way back decrypts. A value that cannot be opened becomes its own placeholder, so that drafts show what they show now.
"""

from django.db import migrations, models

from copilot.redaction import sealing

BATCH = 200


def batches(rows):
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:BATCH]):
        yield batch
        last = batch[-1].pk


def seal(apps, schema_editor):
    rows = apps.get_model("copilot", "MaskedValue").objects
    for batch in batches(rows):
        for row in batch:
            row.fingerprint, row.value = sealing.fingerprint(row.value), sealing.sealed(row.value)
        rows.bulk_update(batch, ["fingerprint", "value"])


def open_again(apps, schema_editor):
    rows = apps.get_model("copilot", "MaskedValue").objects
    for batch in batches(rows):
        for row in batch:
            row.value = sealing.opened(row.value) or f"<{row.placeholder}>"
        rows.bulk_update(batch, ["value"])


class Migration(migrations.Migration):
    dependencies = [("copilot", "0016_purposes_of_calls")]

    operations = [
        migrations.RemoveIndex("maskedvalue", "masked_value_head"),
        migrations.AddField(
            "maskedvalue", "fingerprint", models.CharField(max_length=64, default=""), preserve_default=False
        ),
        migrations.AddIndex("maskedvalue", models.Index(fields=["fingerprint"], name="masked_value_fingerprint")),
        migrations.RunPython(seal, open_again),
    ]
