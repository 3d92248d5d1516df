"""The two ways in which something written can be refused: the library's files, and what a user gives."""

from __future__ import annotations


class KnowledgeError(ValueError):
    """A knowledge file cannot be used as written: where, what is wrong, what to do."""

    def __init__(self, where: str, problem: str, remedy: str):
        super().__init__(f"{where}: {problem} {remedy}".strip())
        self.where, self.problem, self.remedy = where, problem, remedy
