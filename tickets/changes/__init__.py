"""Changes of several tickets at once, and changes taken back."""
