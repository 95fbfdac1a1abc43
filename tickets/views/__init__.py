"""Views by resource: pages and their parts (read), actions (write), a member's own settings."""
