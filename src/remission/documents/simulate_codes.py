"""The codes in which virtual children are written as FHIR: the data dictionary's where it has one, otherwise names of our own.

A name of our own says what it is and when it was taken; `mapping_yaml` is the map that lets `remission` read them, and is put
beside every export.
"""

from __future__ import annotations

from remission.knowledge.model import Frozen

OWN = "http://remission.example/virtual-children"  # .example is nobody's: invented, like the children
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"
NCIT = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"
ICD, RXNORM = "http://hl7.org/fhir/sid/icd-10-cm", "http://www.nlm.nih.gov/research/umls/rxnorm"
TEST_DATA = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
TAKEN_SHARE, DOSE_SHARE = f"{OWN}/taken-share", f"{OWN}/dose-share"


class Coding(Frozen, frozen=True):
    """A code with the address of its terminology and its name there."""

    system: str
    code: str
    display: str


class OwnCode(Frozen, frozen=True):
    """A result without a code in the data dictionary. `fact` is what it answers there; empty where it answers nothing."""

    code: str
    display: str
    fact: str = ""
    flow: bool = False  # MRD by flow, the one test that the model knows


WHITE = Coding(LOINC, "6690-2", "Leukocytes [#/volume] in Blood by Automated count")
NEUTROPHILS = Coding(LOINC, "751-8", "Neutrophils [#/volume] in Blood by Automated count")
PLATELETS = Coding(LOINC, "777-3", "Platelets [#/volume] in Blood by Automated count")
HEMOGLOBIN = Coding(LOINC, "718-7", "Hemoglobin [Mass/volume] in Blood")
CNS = Coding(NCIT, "C116832", "CNS status")
CNS_STATUS = (
    Coding(NCIT, "C116833", "CNS1"),
    Coding(NCIT, "C116834", "CNS2"),
    Coding(NCIT, "C116835", "CNS3"),
)
PRESENT, ABSENT = Coding(LOINC, "LA9633-4", "Present"), Coding(LOINC, "LA9634-2", "Absent")
ETV6_RUNX1 = Coding(NCIT, "C13727", "ETV6::RUNX1 fusion")
KMT2A = Coding(NCIT, "C167144", "KMT2A rearrangement")
BCR_ABL1 = Coding(NCIT, "C117116", "BCR::ABL1 fusion")
IAMP21 = Coding(NCIT, "C124874", "iAMP21")
# What a class of the model says of the leukemia's genes. What it leaves open is not written: “poor” does not say which one it is.
GENES: dict[str, dict[Coding, bool]] = {
    "etv6-runx1": {ETV6_RUNX1: True, KMT2A: False, BCR_ABL1: False, IAMP21: False},
    "hyperdiploid": {ETV6_RUNX1: False, KMT2A: False, BCR_ABL1: False, IAMP21: False},
    "intermediate": {ETV6_RUNX1: False, KMT2A: False, BCR_ABL1: False, IAMP21: False},
    "poor": {ETV6_RUNX1: False},
    "infant-kmt2a": {ETV6_RUNX1: False, KMT2A: True, BCR_ABL1: False},
    "t": {},
}
B_ALL, T_ALL = (
    Coding(NCIT, "C8644", "B-cell acute lymphoblastic leukemia"),
    Coding(NCIT, "C3183", "T-cell acute lymphoblastic leukemia"),
)
ALL = Coding(ICD, "C91.00", "Acute lymphoblastic leukemia not having achieved remission")
IN_RELAPSE = Coding(ICD, "C91.02", "Acute lymphoblastic leukemia, in relapse")
MORE_OF: dict[str, Coding] = {
    "etv6-runx1": Coding(NCIT, "C80343", "B-ALL with ETV6::RUNX1"),
    "hyperdiploid": Coding(NCIT, "C80335", "B-ALL, hyperdiploid"),
    "infant-kmt2a": Coding(NCIT, "C80342", "B-ALL with KMT2A rearrangement"),
}
DOWN = Coding(NCIT, "C43224", "Trisomy 21 (Down syndrome)")
MERCAPTOPURINE = Coding(RXNORM, "103", "mercaptopurine")

MRD_INDUCTION = OwnCode("mrd-end-of-induction", "MRD in marrow by flow, end of induction", "mrd_eoi", flow=True)
MRD_CONSOLIDATION = OwnCode("mrd-end-of-consolidation", "MRD in marrow by flow, end of consolidation", "mrd_eoc", flow=True)
MARROW_START = OwnCode("marrow-blasts-diagnosis", "Blasts in marrow, true share, at diagnosis")
MARROW_8 = OwnCode("marrow-blasts-day-8", "Blasts in marrow, true share, day 8", "marrow_blasts_day8")
MARROW_15 = OwnCode("marrow-blasts-day-15", "Blasts in marrow, true share, day 15", "marrow_blasts_day15")
MARROW_29 = OwnCode("marrow-blasts-end-of-induction", "Blasts in marrow, true share, end of induction", "marrow_blasts_eoi")
TESTICULAR = OwnCode("testicular-at-diagnosis", "Leukemia in a testicle at diagnosis", "testicular")
DOWN_SYNDROME = OwnCode("down-syndrome", "Down syndrome", "down_syndrome")
RELAPSE_SITE = OwnCode("relapse-site", "Site of relapse", "relapse_site")
RELAPSE_OUTSIDE = OwnCode("relapse-outside-marrow", "Place of relapse outside the marrow", "relapse_extramedullary_site")
RELAPSE_MONTHS = OwnCode("months-to-relapse", "Months from diagnosis to relapse", "months_to_relapse")
RELAPSE_MONTHS_OFF = OwnCode("months-off-treatment", "Months from the end of treatment to relapse", "months_off_therapy")
FIRST_EVENT = OwnCode("first-event", "First event, or none by the last day")
OWN_CODES = (
    MRD_INDUCTION, MRD_CONSOLIDATION, MARROW_START, MARROW_8, MARROW_15, MARROW_29, TESTICULAR, DOWN_SYNDROME, RELAPSE_SITE,
    RELAPSE_OUTSIDE, RELAPSE_MONTHS, RELAPSE_MONTHS_OFF, FIRST_EVENT,
)  # fmt: skip
SITES = {1: "isolated-marrow", 2: "isolated-extramedullary", 4: "isolated-extramedullary", 6: "isolated-extramedullary"}
COMBINED = "combined"  # the marrow and any other place


def mapping_yaml(limit: str) -> str:
    """The map for `--mapping`: what our own names mean. `limit` is what the MRD test can find, such as "0.01 %"."""
    lines = [
        "# What the names of an export of virtual children mean: remission cohort assess FOLDER --mapping FOLDER/mapping.yaml …",
        "# Every child in this export is invented.",
        "id: virtual-children",
        f'systems: {{Virtual: ["{OWN}"]}}',
        "results:",
    ]
    for own in OWN_CODES:
        if own.fact:
            flow = f", method: flow, limit: {limit}" if own.flow else ""
            lines.append(f"  - {{system: Virtual, code: {own.code}, fact: {own.fact}, timed: true{flow}}}")
    return "\n".join(lines) + "\n"
