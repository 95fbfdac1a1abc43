from django.db import migrations

from config.words.fulltext import CreateFullTextIndex
from knowledge.index.lexical import INDEX


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0001_initial")]
    operations = [CreateFullTextIndex(INDEX)]
