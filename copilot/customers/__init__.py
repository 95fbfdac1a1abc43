"""What the records say of a customer's tickets, and what was asked on the others."""
