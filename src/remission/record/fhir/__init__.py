"""A child's FHIR R4 record, read without trust: every resource is accounted for, and nothing unknown is turned into a value.

`files` opens a Bundle or NDJSON; `references` finds out whom a resource is about; `results`, `genes` and `illness` read what
it says; `choosing` picks among several results by the data dictionary; `reader` brings them together.
"""
