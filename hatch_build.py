"""Build hook: compiles `knowledge/` into the two files that ship inside the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileKnowledge(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before the wheel is packed, so that an installed copy never parses YAML to answer."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        from remission.rules.build import compile_knowledge

        written = compile_knowledge(root / "knowledge")
        if version != "editable":  # an editable install reads the files where they were written
            build_data["force_include"] |= {str(path): str(path.relative_to(root / "src")) for path in written}
