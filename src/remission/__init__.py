"""Childhood acute lymphoblastic leukemia, explained: what is known, one child's record, and the road ahead."""

__version__ = "0.1.0"
