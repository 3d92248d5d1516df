"""What a run leaves of each child: the rows of a summary, and the rows of a daily series, in one order for both engines."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

NONE, FAILURE, RELAPSE, DEATH, OTHER = 0, 1, 2, 3, 4  # kinds of event
MARROW, SPINAL, TESTIS = 1, 2, 4  # sites of a relapse, added up
DAY_EIGHT, DAY_FIFTEEN, DAY_TWENTY_TWO, DAY_TWENTY_NINE = 7, 14, 21, 28  # day 15 of the doctors is our 14: theirs begins with 1
COUNTS_BACK: Final = 150  # days after treatment by which blood is back; later nothing but a clone that is left can happen


class Row(IntEnum):
    """The rows of a summary."""

    EVENT = 0
    EVENT_DAY = 1
    SITES = 2
    BLASTS_START = 3
    BLASTS_8 = 4
    BLASTS_15 = 5
    BLASTS_22 = 6
    BLASTS_29 = 7
    BLASTS_CONSOLIDATION = 8
    NEUTROPHILS_START = 9
    PLATELETS_START = 10
    HEMOGLOBIN_START = 11
    HEALTHY_WHITE_START = 12
    NEUTROPHILS_SUM = 13
    MAINTENANCE_DAYS = 14
    DOSE_SUM = 15
    TAKEN_DAYS = 16
    HOLDS = 17
    FEVERS = 18
    FEVERS_INDUCTION = 19
    PLATELETS_GIVEN = 20
    RED_GIVEN = 21
    LOW_DAYS = 22
    NEUTROPHILS_LEAST = 23
    NEUTROPHILS_MOST = 24
    PLATELETS_LEAST = 25
    PLATELETS_MOST = 26
    HEMOGLOBIN_LEAST = 27
    HEMOGLOBIN_MOST = 28
    TREATABLE_LEFT = 29
    RESISTANT_LEFT = 30
    CNS_LEFT = 31
    TESTIS_LEFT = 32


# The marrow on the days on which it is looked at; not a number where the child's run ended before.
MARKED: Final = (Row.BLASTS_8, Row.BLASTS_15, Row.BLASTS_22, Row.BLASTS_29, Row.BLASTS_CONSOLIDATION)


class Daily(IntEnum):
    """The rows of a daily series."""

    NEUTROPHILS = 0
    PLATELETS = 1
    HEMOGLOBIN = 2
    WHITE = 3
    LYMPHOCYTES = 4
    BLASTS = 5
    ROOM = 6
    TREATABLE = 7
    RESISTANT = 8
    CNS = 9
    TESTIS = 10
    TGN = 11
    DOSE = 12
    TAKEN = 13
    HELD = 14
    FEVER = 15
    PLATELETS_GIVEN = 16
    RED_GIVEN = 17


DAILY_UNITS: Final = {
    Daily.NEUTROPHILS: "10*9/L",
    Daily.PLATELETS: "10*9/L",
    Daily.HEMOGLOBIN: "g/dL",
    Daily.WHITE: "10*9/L",
    Daily.LYMPHOCYTES: "10*9/L",
    Daily.BLASTS: "1",
    Daily.ROOM: "1",
    Daily.TREATABLE: "cells",
    Daily.RESISTANT: "cells",
    Daily.CNS: "cells",
    Daily.TESTIS: "cells",
    Daily.TGN: "umol/L",
    Daily.DOSE: "1",
    Daily.TAKEN: "1",
    Daily.HELD: "1",
    Daily.FEVER: "1",
    Daily.PLATELETS_GIVEN: "1",
    Daily.RED_GIVEN: "1",
}
