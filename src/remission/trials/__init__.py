"""Trials and places: what a registry says is open, where, for whom, and what would have to be known."""
