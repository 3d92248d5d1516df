"""Many children: from files or a server to every child's groups, and how the groups fared.

`opened` gives a `Study`, which is asked lazily; see docs/cohorts.md.
"""

from remission.cohort.sources import Source
from remission.cohort.study import Study, opened

__all__ = ["Source", "Study", "opened"]
