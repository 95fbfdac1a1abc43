"""What the database knows about how its rows are spread, by which it chooses an index."""

from django.db import connection

ROWS = 1000  # of each index that are looked at, so it takes well under a second in a large desk too


def refresh() -> None:
    """SQLite has none without this. PostgreSQL keeps its own."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {ROWS}")
            cursor.execute("ANALYZE")
