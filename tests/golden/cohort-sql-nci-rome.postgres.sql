-- NCI/Rome (nci-rome): NCI/Rome risk group for B-cell ALL
--   nci-rome/applies-1: verified; pdq-hp-2019 (risk-based treatment assignment, NCI risk groups)
--   nci-rome/applies-2: background; pdq-hp-page-2 (risk-based treatment assignment (standard risk starts at age 1))
--   nci-rome/standard: verified; pdq-hp-page-2 (risk-based treatment assignment); pdq-hp-2019 (risk-based treatment assignment,
--     NCI risk groups)
--   nci-rome/high-white-count: verified; pdq-hp-page-2 (risk-based treatment assignment); pdq-hp-2019 (risk-based treatment
--     assignment, NCI risk groups)
--   nci-rome/high-age: verified; pdq-hp-page-2 (risk-based treatment assignment); pdq-hp-2019 (risk-based treatment assignment,
--     NCI risk groups)
--
-- remission, library VERSION, content HASH. Made by `remission
--   cohort sql`: do not edit.
-- Information, not medical advice. Not clinically reviewed.
--
-- It reads one table, `children`, a row a child. Unknown is NULL, never no, zero or today. A column:
--   child: any name for the child that tells it from others
--   age_days_low DOUBLE PRECISION: age at diagnosis, in d: it is at least this
--   age_days_high DOUBLE PRECISION: age at diagnosis, in d: it is at most this
--   age_days_low_open BOOLEAN: it is more than the lower end, not equal to it
--   age_days_high_open BOOLEAN: it is less than the upper end, not equal to it
--   age_days_absent TEXT: why there is no value: not-asked, pending, not-done, failed, declined, unknown
--   lineage INT: cell type of the leukemia; the choices it may still be, added up: 1 b, 2 t
--   lineage_absent TEXT: why there is no value: not-asked, pending, not-done, failed, declined, unknown
--   wbc_low DOUBLE PRECISION: white cell count at diagnosis, in 10*9/L: it is at least this
--   wbc_high DOUBLE PRECISION: white cell count at diagnosis, in 10*9/L: it is at most this
--   wbc_low_open BOOLEAN: it is more than the lower end, not equal to it
--   wbc_high_open BOOLEAN: it is less than the upper end, not equal to it
--   wbc_absent TEXT: why there is no value: not-asked, pending, not-done, failed, declined, unknown
--
-- It gives for each scheme its status (decided, data-required, not-applicable, contradiction), the outcome
-- where it is decided, and the outcomes still possible.

-- Ends: the interval in which each number lies. An end that is not known is beyond every number.
WITH ends AS (
  SELECT
    *,
    CASE WHEN age_days_low IS NULL THEN -1E+300 ELSE age_days_low END AS age_days_from,
    CASE WHEN age_days_high IS NULL THEN 1e300 ELSE age_days_high END AS age_days_to,
    CASE WHEN wbc_low IS NULL THEN -1E+300 ELSE wbc_low END AS wbc_from,
    CASE WHEN wbc_high IS NULL THEN 1e300 ELSE wbc_high END AS wbc_to
  FROM children
  OFFSET 0  -- leaves nothing out; it keeps PostgreSQL from working the same cell out again and again
),

-- Cells: each condition once. Yes means: it could hold. What is not known could be anything.
cells AS (
  SELECT
    child,
    -- age_days: nothing lies between its ends
    NOT (age_days_from >= -1E+300 AND age_days_to <= 1e300 AND age_days_from <= age_days_to) AS no_interval__age_days,
    -- wbc: nothing lies between its ends
    NOT (wbc_from >= -1E+300 AND wbc_to <= 1e300 AND wbc_from <= wbc_to) AS no_interval__wbc,
    -- age at diagnosis: >= 365.25 and < 3652.5 d (1, 10 years of 365.25 days)
    (CASE WHEN age_days_high_open THEN age_days_to > 365.25 ELSE age_days_to >= 365.25 END AND age_days_from < 3652.5) AS age_days__ge_365_25_and_lt_3652_5,
    -- cell type of the leukemia: b
    (COALESCE(lineage, 3) & 1) <> 0 AS lineage__b,
    -- white cell count at diagnosis: < 50 10*9/L
    wbc_from < 50 AS wbc__lt_50,
    -- white cell count at diagnosis: >= 50 10*9/L
    CASE WHEN wbc_high_open THEN wbc_to > 50 ELSE wbc_to >= 50 END AS wbc__ge_50,
    -- age at diagnosis: >= 3652.5 d (10 years of 365.25 days)
    CASE WHEN age_days_high_open THEN age_days_to > 3652.5 ELSE age_days_to >= 3652.5 END AS age_days__ge_3652_5,
    -- cell type of the leukemia: t
    (COALESCE(lineage, 3) & 2) <> 0 AS lineage__t,
    -- age at diagnosis: < 365.25 d (1 years of 365.25 days)
    age_days_from < 365.25 AS age_days__lt_365_25
  FROM ends
  OFFSET 0  -- leaves nothing out; it keeps PostgreSQL from working the same cell out again and again
),

-- Outcomes: which are open. One is open when every cell of one of its ways could hold.
outcomes AS (
  SELECT
    child,
    -- The facts of this child cannot all be right: nothing is decided.
    no_interval__age_days OR no_interval__wbc AS contradicts,
    CASE
      WHEN no_interval__age_days OR no_interval__wbc
        THEN SUBSTRING(
          CASE WHEN no_interval__age_days THEN ';no_interval__age_days' ELSE '' END
          || CASE WHEN no_interval__wbc THEN ';no_interval__wbc' ELSE '' END
        FROM 2)
      ELSE NULL
    END AS contradiction,
    -- NCI/Rome may be: Standard risk
    (age_days__ge_365_25_and_lt_3652_5 AND lineage__b AND wbc__lt_50) AS nci_rome__may_be_standard,
    -- NCI/Rome may be: High risk
    (
      -- nci-rome/high-white-count: pdq-hp-page-2 (risk-based treatment assignment); pdq-hp-2019 (risk-based treatment assignment, NCI
      --   risk groups)
      (age_days__ge_365_25_and_lt_3652_5 AND lineage__b AND wbc__ge_50)
      -- nci-rome/high-age: pdq-hp-page-2 (risk-based treatment assignment); pdq-hp-2019 (risk-based treatment assignment, NCI risk
      --   groups)
      OR (age_days__ge_3652_5 AND lineage__b)
    ) AS nci_rome__may_be_high,
    -- NCI/Rome may not apply to this child
    (
      -- nci-rome/applies-1: pdq-hp-2019 (risk-based treatment assignment, NCI risk groups)
      lineage__t
      -- nci-rome/applies-2: pdq-hp-page-2 (risk-based treatment assignment (standard risk starts at age 1))
      OR age_days__lt_365_25
    ) AS nci_rome__may_not_apply
  FROM cells
  OFFSET 0  -- leaves nothing out; it keeps PostgreSQL from working the same cell out again and again
),

-- Decided: exactly one outcome is open.
decided AS (
  SELECT
    *,
    -- NCI/Rome: how many outcomes are open; none if the facts cannot all be right
    CASE
      WHEN contradicts
        THEN 0
      ELSE (
        CAST(nci_rome__may_be_standard AS INT)
        + CAST(nci_rome__may_be_high AS INT)
        + CAST(nci_rome__may_not_apply AS INT)
      )
    END AS nci_rome__open
  FROM outcomes
  OFFSET 0  -- leaves nothing out; it keeps PostgreSQL from working the same cell out again and again
)

SELECT
  child,
  contradiction,
  CASE
    WHEN nci_rome__open = 0
      THEN 'contradiction'
    WHEN nci_rome__open = 1 AND NOT nci_rome__may_not_apply
      THEN 'decided'
    WHEN nci_rome__open = 1
      THEN 'not-applicable'
    ELSE 'data-required'
  END AS nci_rome_status,
  CASE
    WHEN nci_rome__open = 1 AND NOT nci_rome__may_not_apply
      THEN CASE WHEN nci_rome__may_be_standard THEN 'standard' ELSE 'high' END
    ELSE NULL
  END AS nci_rome,
  CASE
    WHEN nci_rome__open = 0
      THEN NULL
    WHEN nci_rome__open = 1 AND NOT nci_rome__may_not_apply
      THEN CASE WHEN nci_rome__may_be_standard THEN 'standard' ELSE 'high' END
    WHEN nci_rome__open = 1
      THEN 'not-applicable'
    ELSE CONCAT_WS(';',
      CASE WHEN nci_rome__may_be_standard THEN 'standard' ELSE NULL END,
      CASE WHEN nci_rome__may_be_high THEN 'high' ELSE NULL END,
      CASE WHEN nci_rome__may_not_apply THEN 'not-applicable' ELSE NULL END
    )
  END AS nci_rome_possible
FROM decided
