"""Similar tickets on the ticket page."""
