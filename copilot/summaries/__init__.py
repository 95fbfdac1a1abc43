"""What was asked, tried and failed on a ticket, in a few lines: in the model's words if they are checked, else quoted."""
