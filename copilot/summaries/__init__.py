"""What was asked, tried and failed on a ticket, in a few lines: in checked words of the model or quoted."""
