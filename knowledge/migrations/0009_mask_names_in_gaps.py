"""Names and street addresses of others are masked in the questions of gaps that were stored before there was a tagger.

Their group is made again from the new text. Nothing leads back: the values are gone.
"""

from django.db import migrations

from knowledge.masking.forms import for_storage


def mask_again(apps, schema_editor):
    gaps = apps.get_model("knowledge", "Gap").objects
    for gap in gaps.only("query").iterator(chunk_size=500):
        if (masked := for_storage(gap.query)) != gap.query:
            gaps.filter(pk=gap.pk).update(query=masked, vector=None, vector_model="")


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0008_texts")]

    operations = [migrations.RunPython(mask_again, migrations.RunPython.noop)]
