"""Closed tickets that asked the same, and how they were solved: masked, found by embedding."""
