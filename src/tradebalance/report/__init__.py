"""What leaves the house: rendered pages, tables to take away, findings of `check`."""
