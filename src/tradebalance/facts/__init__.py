"""What was traded and what was announced, as published."""
