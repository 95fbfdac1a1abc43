"""What older versions kept of visitors' and customers' questions is masked by the rules of today."""

from django.db import migrations

from knowledge import masking
from knowledge.help_center.masking import mask as mask_line


def mask_again(apps, schema_editor):
    for model, field, mask in (
        ("Gap", "query", masking.mask),
        ("GapTopic", "name", masking.mask),
        ("HelpSearch", "query", mask_line),
        ("HelpVote", "comment", mask_line),
    ):
        table = apps.get_model("knowledge", model).objects
        longest = table.model._meta.get_field(field).max_length
        for row in table.only("pk", field).iterator(chunk_size=500):
            masked = mask(getattr(row, field))[:longest]
            if masked != getattr(row, field):
                table.filter(pk=row.pk).update(**{field: masked})


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0004_article_followed")]

    operations = [migrations.RunPython(mask_again, migrations.RunPython.noop)]
