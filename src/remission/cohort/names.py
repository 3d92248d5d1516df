"""Names and texts as SQL has them."""

from __future__ import annotations


def sql_name(knowledge_id: str) -> str:
    """The column of something of the knowledge: cog-08b1 is cog_08b1."""
    return knowledge_id.replace("-", "_").replace(":", "__")


def named(column: str) -> str:
    """A column's name, whatever stands in it."""
    return '"' + column.replace('"', '""') + '"'


def quoted(text: object) -> str:
    """A text, or the path of a file, as a literal."""
    return "'" + str(text).replace("'", "''") + "'"
