"""Numbers nobody knows, each with its source, and trade without the deals."""
