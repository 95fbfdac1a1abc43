"""Views by resource: pages and partials (read), actions (write), account."""
