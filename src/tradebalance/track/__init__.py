"""What became of pledges, and what priors were made of it."""
