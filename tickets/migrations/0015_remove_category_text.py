from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_category_rows")]

    operations = [migrations.RemoveField("ticket", "category_text")]
