"""The few elements of FHIR R4 resources that are read, as frozen objects over the raw JSON.

The names are FHIR's own, written as Python writes names. What is not named here is never looked at, so an unknown element
costs nothing. Numbers are `Decimal`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec


class Shape(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Base of all shapes: immutable, indifferent to elements it does not name, and never part of a circle."""


class Coding(Shape, frozen=True):
    system: str = ""
    code: str = ""
    display: str = ""


class Concept(Shape, frozen=True):
    coding: tuple[Coding, ...] = ()
    text: str = ""


class Identifier(Shape, frozen=True):
    system: str = ""
    value: str = ""


class Reference(Shape, frozen=True):
    reference: str = ""
    identifier: Identifier | None = None


class Period(Shape, frozen=True):
    start: str = ""
    end: str = ""


class Quantity(Shape, frozen=True):
    value: Decimal | None = None
    comparator: str = ""
    unit: str = ""
    system: str = ""
    code: str = ""


class Range(Shape, frozen=True):
    low: Quantity | None = None
    high: Quantity | None = None


class Extension(Shape, frozen=True):
    url: str = ""
    value_date_time: str = ""
    value_code: str = ""
    value_codeable_concept: Concept | None = None


class Meta(Shape, frozen=True):
    version_id: str = ""
    last_updated: str = ""


class Header(Shape, frozen=True):
    """What every resource says of itself, and the resources that stand inside it."""

    resource_type: str
    id: str = ""
    meta: Meta | None = None
    contained: tuple[msgspec.Raw, ...] = ()
    subject: msgspec.Raw = msgspec.Raw()
    encounter: msgspec.Raw = msgspec.Raw()
    context: msgspec.Raw = msgspec.Raw()


class Valued(Shape, frozen=True, kw_only=True):
    """A code and a value: an Observation, or one component of it."""

    code: Concept = Concept()
    value_quantity: Quantity | None = None
    value_codeable_concept: Concept | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_integer: Decimal | None = None
    value_range: Range | None = None
    value_ratio: Any = None
    value_sampled_data: Any = None
    value_time: Any = None
    value_date_time: Any = None
    value_period: Any = None
    data_absent_reason: Concept | None = None
    interpretation: tuple[Concept, ...] = ()


class Observation(Valued, frozen=True, kw_only=True):
    status: str = ""
    implicit_rules: str = ""
    modifier_extension: tuple[msgspec.Raw, ...] = ()
    subject: Reference | None = None
    encounter: Reference | None = None
    focus: tuple[Reference, ...] = ()
    effective_date_time: str = ""
    effective_instant: str = ""
    effective_period: Period | None = None
    method: Concept | None = None
    component: tuple[Valued, ...] = ()


class Condition(Shape, frozen=True, kw_only=True):
    implicit_rules: str = ""
    modifier_extension: tuple[msgspec.Raw, ...] = ()
    extension: tuple[Extension, ...] = ()
    verification_status: Concept | None = None
    code: Concept = Concept()
    subject: Reference | None = None
    encounter: Reference | None = None
    onset_date_time: str = ""
    onset_age: Quantity | None = None
    onset_period: Period | None = None
    recorded_date: str = ""


class Marks(Shape, frozen=True):
    """The labels of a resource; HTEST says that it is test data."""

    security: tuple[Coding, ...] = ()
    tag: tuple[Coding, ...] = ()


class Patient(Shape, frozen=True, kw_only=True):
    id: str = ""
    meta: Marks = Marks()
    implicit_rules: str = ""
    modifier_extension: tuple[msgspec.Raw, ...] = ()
    extension: tuple[Extension, ...] = ()
    identifier: tuple[Identifier, ...] = ()
    gender: str = ""
    birth_date: str = ""


class Medicine(Shape, frozen=True, kw_only=True):
    """A MedicationAdministration or a MedicationStatement."""

    status: str = ""
    implicit_rules: str = ""
    modifier_extension: tuple[msgspec.Raw, ...] = ()
    subject: Reference | None = None
    context: Reference | None = None
    medication_codeable_concept: Concept | None = None
    medication_reference: Reference | None = None
    effective_date_time: str = ""
    effective_period: Period | None = None


class Medication(Shape, frozen=True):
    code: Concept = Concept()


class Encounter(Shape, frozen=True):
    subject: Reference | None = None
