"""What a cell, an amount, a period, a problem is: the words that every room speaks."""
