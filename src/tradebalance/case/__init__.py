"""A folder on disk: raw files, what is built of them, scenarios, what was known when."""
