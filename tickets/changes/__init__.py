"""Changes of several tickets at once, and undo."""
