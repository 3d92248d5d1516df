"""A karyotype written back as the string it was read from (after repairs)."""

from __future__ import annotations

from remission.record.karyotype.shape import Abnormality, Cells, Clone, Count, Karyotype


def written(karyotype: Karyotype) -> str:
    """The whole string."""
    text = ""
    for number, clone in enumerate(karyotype.clones):
        begins_donor = clone.donor and not (number and karyotype.clones[number - 1].donor)
        text += ("//" if begins_donor else "/" if number else "") + clone_written(clone)
    return text + karyotype.beside


def clone_written(clone: Clone) -> str:
    """One group of cells."""
    parts = [_head(clone), *(abnormality_written(abnormality) for abnormality in clone.abnormalities)]
    text = ",".join(part for part in parts if part) + _cells(clone.cells)
    return text + "".join(("." if text or number else "") + result.written for number, result in enumerate(clone.in_situ))


def _head(clone: Clone) -> str:
    if clone.nonclonal:
        return "nonclonal"
    if clone.number is None:
        return ""
    if clone.doubled is not None:
        return f"{_count(clone.number)}({clone_written(clone.doubled)})x{clone.times}"
    times = f"x{clone.times}" if clone.times > 1 else ""
    return ",".join(part for part in (_count(clone.number) + clone.ploidy, clone.sex or clone.same_as + times) if part)


def abnormality_written(change: Abnormality) -> str:
    """One item of the list."""
    if change.kind == "unread":
        return change.label
    text = change.sign + "?" * change.doubtful + core_written(change) + "".join(core_written(part) for part in change.parts)
    several = change.count if change.count and _has_places(change) else None
    times = f"x{_count(several)}" if several else f"x{change.times}" if change.times > 1 else ""
    cells = "" if change.cells is None else f"[{change.cells}]"
    return text + times + change.born_with + change.origin + cells


def core_written(change: Abnormality) -> str:
    """The change itself, without its signs, its marks and the parts that follow it."""
    if change.kind == "chromosome":
        return change.chromosomes[0]
    if change.kind == "variant":
        return change.label
    if not _has_places(change):
        return (_count(change.count) if change.count else "") + change.kind + change.label
    bands = ";".join("".join(group) for group in change.breakpoints)
    groups = [";".join(change.chromosomes), change.gene, bands, change.segments, *change.signals]
    return change.kind + "".join(f"({group})" for group in groups if group)


def _has_places(change: Abnormality) -> bool:
    return bool(change.chromosomes or change.breakpoints or change.segments or change.gene)


def _count(count: Count) -> str:
    return "?" * count.doubtful + (str(count.low) if count.low == count.high else f"{count.low}~{count.high}")


def _cells(cells: Cells | None) -> str:
    if cells is None:
        return ""
    number = "" if cells.count is None else str(cells.count)
    of = "" if cells.of is None else f"/{cells.of}"
    return f"[{'?' * cells.doubtful}{'cp' * cells.composite}{number}{of}]"
