"""What is handed over: an answer as text, as JSON, as a table."""
