"""The queue: what it can be filtered by, its views with their counts, its orders, and pages of rows. Reads only."""
