"""The family's own file: what it wrote down about its child, kept safely on its own disk."""
