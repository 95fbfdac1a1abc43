"""How fast the desk is with very many tickets: a database of its own is filled, and pages of it are requested."""
