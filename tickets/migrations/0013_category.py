"""Categories become a table. 0014 fills it, 0015 removes the old column.

Three migrations, so three transactions: PostgreSQL refuses to change a table in the transaction that changed its rows.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0012_admin_log_without_names")]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "slug",
                    models.SlugField(max_length=40, primary_key=True, serialize=False, verbose_name="short name"),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "description",
                    models.TextField(
                        blank=True,
                        help_text="Which tickets belong in it. Agents read this, and so do leads who check the classifier.",
                        verbose_name="description",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=100,
                        help_text="Categories with smaller numbers come first.",
                        verbose_name="position",
                    ),
                ),
                (
                    "active",
                    models.BooleanField(
                        default=True,
                        help_text="New tickets get active categories only. Tickets keep a category that is no longer active.",
                        verbose_name="active",
                    ),
                ),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["position", "name"],
            },
        ),
        migrations.RenameField("ticket", "category", "category_text"),
        migrations.AddField(
            "ticket",
            "category",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="tickets",
                to="tickets.category",
            ),
        ),
    ]
