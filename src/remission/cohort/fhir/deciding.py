"""From what was gathered to what is known of every child: the choice in SQL, and the one-child reader where that is not plain."""

from __future__ import annotations

from remission.cohort.fhir import choosing, passes
from remission.cohort.fhir.looking import Apart, Whom, long_rows, nobody_known, one_by_one, set_apart
from remission.cohort.fhir.run import ABOUT_CHILDREN, KINDS, Run
from remission.cohort.fhir.tables import some_of
from remission.cohort.fhir.texts import COMPARED_COLUMNS, Texts

_MOMENT = {"child": "INTEGER", "first_day": "DATE", "last_day": "DATE", "instant": "BIGINT", "ties": "BOOLEAN"}


class Deciding:
    """Fills the table known: a row for each child and each fact that something is known of."""

    def __init__(self, run: Run, texts: Texts, marked: set[str]):
        self.run, self.tables, self.texts = run, run.tables, texts
        self.marked = marked

    def decide(self) -> None:
        self._anchors()
        facts, ordered = self._results()
        self._mark(ordered)
        age, sex = (self.run.dictionary.facts.index(name) for name in ("age_days", "sex"))
        self.tables.keep("known", choosing.known(age, sex, self.texts.others, ordered, age in facts))
        if children := dict(self.tables.listed("SELECT id, child FROM fhir_persons JOIN fhir_marks USING (child)")):
            self.tables.run("DELETE FROM fhir_known WHERE child IN (SELECT child FROM fhir_marks)")
            self._one_by_one(children)

    def _anchors(self) -> None:
        """When each child was diagnosed, and when its treatment began."""
        meanings = self.run.meanings
        self.tables.keep("diagnoses", choosing.diagnosed(meanings.diagnosis_dates, meanings.diagnosis_latest))
        if self.tables.number("SELECT count(child) FROM fhir_doses"):
            within = int(meanings.treatment.within.removesuffix(" d")) if meanings.treatment else 0
            self.tables.keep("treatments", choosing.treated(within))
        else:
            self.tables.empty("treatments", _MOMENT)
        self.tables.keep("anchors", choosing.ANCHORS)

    def _results(self) -> tuple[list[int], bool]:
        """Puts the results of each fact of each child together: which facts there are, and whether the first or last counts."""
        others = self.texts.others
        self.tables.keep("plain", choosing.PLAIN)
        if others:
            self.tables.keep("other_rows", choosing.OTHER_ROWS)
            self.tables.keep("other", choosing.OTHER)
        facts, differing, ordered = self.tables.row(choosing.differing(others))
        self.run.counters["cohort-fhir-several-results"] += differing
        if ordered:
            self.tables.keep("again", choosing.again(others))
        return facts or [], bool(ordered)

    # --- who is read one by one -----------------------------------------------------------------------------------------------

    def _mark(self, ordered: bool) -> None:
        """The children about whom something is not plain."""
        asked = ["SELECT child FROM fhir_persons WHERE marked", *self.texts.unread]
        for table in ABOUT_CHILDREN:
            asked.append(f"SELECT child FROM fhir_{table} WHERE odd")
            asked.append(f"SELECT child FROM fhir_{table} WHERE child IS NOT NULL AND h IN (SELECT h FROM twice('fhir_{table}'))")
        asked += choosing.unclear(self.run.dictionary.facts.index("sex"), self.texts.others, ordered)
        if self.tables.number("SELECT count(child) FROM fhir_doses"):
            asked.append("SELECT child FROM fhir_treatments WHERE ties")
            asked.append(
                "SELECT child FROM fhir_doses d JOIN fhir_medications m ON m.ref = ref_of(d.medicine) WHERE m.code IS NULL"
            )
        self.tables.keep("marks", f"SELECT child FROM ({' UNION '.join(asked)}) WHERE child IS NOT NULL")
        self.run.mark_ids(self.marked | self._strays())

    def _strays(self) -> set[str]:
        """Resources whose child is not found at once: by an identifier, by a visit, or not at all."""
        query = " UNION ".join(f"SELECT stray FROM fhir_{table} WHERE stray IS NOT NULL" for table in ABOUT_CHILDREN)
        strays = self.tables.column(query)
        if not strays:
            return set()
        from remission.cohort.fhir.strays import resolve

        self.run.whom = Whom(self.tables.column("SELECT id FROM fhir_persons"))
        found, lost = resolve(self.run.export, self.run.whom, strays)
        if lost:
            asked = {kind for table in ABOUT_CHILDREN for kind in KINDS[table]}
            known = list(nobody_known(self.run.export, self.run.meanings, self.run.whom, asked))
            self.run.reject("cohort-fhir-nobody-known", known)
        return found

    # --- one by one -----------------------------------------------------------------------------------------------------------

    def _one_by_one(self, children: dict[str, int]) -> None:
        """Reads the marked children with the one-child reader itself; what it says takes the place of what SQL said."""
        whom = self.run.whom
        whom.known = whom.known or set(children)
        everybody = max(1, self.tables.number("SELECT count(*) FROM fhir_persons"))
        size = sum(file.size for file in self.run.export.files) * len(children) // everybody
        apart = Apart(self.run.work, sorted(children), size)
        try:
            self.run.reject("cohort-fhir-malformed", list(set_apart(self.run.export, whom, self._twice(), apart)))
            self._read_apart(apart, children)
        finally:
            apart.remove()
        self.run.counters["cohort-fhir-one-by-one"] += len(children)

    def _read_apart(self, apart: Apart, children: dict[str, int]) -> None:
        done: set[str] = set()
        for some in some_of(one_by_one(self.run.meanings, apart), 2_000):
            rows = []
            for told in some:
                self.run.counters.update(told.counters)
                if told.child and told.child not in done:
                    done.add(told.child)
                    rows += list(long_rows(self.run.dictionary, children, told))
            self.tables.add("known", {"child": "INTEGER", "fact": "INTEGER"} | COMPARED_COLUMNS, rows)

    def _twice(self) -> dict[str, bool]:
        """The names that stand more than once, and whether they are about several people."""
        twice: dict[str, bool] = {}
        columns = {"resourceType": "VARCHAR", "id": "VARCHAR", "subject": "STRUCT(reference VARCHAR)"}
        for table in ABOUT_CHILDREN:
            if not self.tables.number(f"SELECT count(*) FROM twice('fhir_{table}')"):
                continue
            source = passes.read_ndjson(self.run.export.of(*KINDS[table]), columns, lenient=True)
            twice |= dict(
                self.tables.listed(f"""
                SELECT resourceType || '/' || id, count(DISTINCT coalesce(subject.reference, '')) > 1 FROM {source}
                WHERE hash(id) IN (SELECT h FROM twice('fhir_{table}'))
                GROUP BY resourceType, id HAVING count(*) > 1""")
            )
        return twice
