"""A FHIR bulk export of many children, brought into the children table by DuckDB.

Plain resources are read in SQL. Whatever is not plain sends its child to the one-child reader of `record.fhir`, so that the
answer equals that reader's for every child. `reading.read_export` is the way in.
"""
