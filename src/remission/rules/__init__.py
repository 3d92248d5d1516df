"""Decision tables become decisions: proved when built, explained for one child, compiled for many."""
