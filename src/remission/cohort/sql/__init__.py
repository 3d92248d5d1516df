"""The rules as columns: one readable statement for all children, equal to the one-child engine on every row.

`stages.decision_select` builds it, `text.sql_text` prints it for a reader, `patterns` tells what undecided children lack.
"""
