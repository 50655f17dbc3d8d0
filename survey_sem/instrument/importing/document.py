"""The YAML of a settled draft, with what is left to do beside each line."""

from __future__ import annotations

from collections.abc import Iterator

from survey_sem.instrument.importing.emitting import Value, comment, flow, flow_mapping, quoted, scalar, texts
from survey_sem.instrument.importing.settling import Settled
from survey_sem.instrument.importing.wording import missing_kind
from survey_sem.instrument.model import Item, Matrix, Scale
from survey_sem.instrument.section import in_language

_TODO = "TODO: "


def document(settled: Settled, source: str) -> str:
    """The whole file.

    Parameters
    ----------
    settled : Settled
        What it holds.
    source : str
        Name of the file that it was made of.
    """
    parts = (_head(settled, source), _missing(settled), _scales(settled), _items(settled), _matrices(settled))
    ends = (_constructs(settled), _quality(), _paradata(settled), _privacy(settled))
    return "".join(f"{line}\n" for part in (*parts, *ends) for line in part)


def _notes(notes: tuple[str, ...], indent: int) -> Iterator[str]:
    for note in notes:
        yield comment(note.removeprefix(_TODO), indent, todo=note.startswith(_TODO))


def _head(settled: Settled, source: str) -> Iterator[str]:
    draft = settled.draft
    yield comment(f"Made from {source} ({draft.origin}). Search for TODO for what is left to do.")
    yield from _notes(draft.notes, 0)
    for left in settled.left_out:
        yield comment(f"not taken over: {left}")
    yield "schema: survey-sem/instrument/1"
    yield "instrument:"
    yield f"  id: {scalar(draft.id)}"
    yield f"  version: {quoted(draft.version)}"
    yield f"  title: {texts(draft.title)}"
    yield comment("population, mode, dates, consent, ethics: who was asked, how, when, on what terms", 2, todo=True)
    platform = {"platform": draft.platform} if draft.platform else {}
    yield f"source: {flow_mapping({**platform, 'columns': 'name'})}"


def _missing(settled: Settled) -> Iterator[str]:
    if not settled.missing:
        yield comment("missing: the codes that stand for no answer, if the export has any, for example", todo=True)
        yield comment("missing: [{code: -9, kind: nonresponse, text: no answer}]")
        return
    yield "missing:"
    for code in settled.missing:
        label = f", text: {texts(code.text)}" if code.text else ""
        told = any(missing_kind(text) for text in code.text.values())
        doubt = "" if told else "  # TODO: routed, nonresponse, dontknow or refused?"
        yield f"  - {{code: {scalar(code.code)}, kind: {code.kind}{label}}}{doubt}"


def _scales(settled: Settled) -> Iterator[str]:
    if settled.scales:
        yield "scales:"
    single = {item.scale.id for item in settled.items if item.type == "nominal" and item.scale is not None}
    for scale in settled.scales.values():
        yield from _scale(scale, doubtful=scale.id in single and len(scale.codes) > 2)


def _scale(scale: Scale, doubtful: bool) -> Iterator[str]:
    yield f"  {scalar(scale.id)}:"
    doubt = "" if not doubtful else "  # TODO: true where the codes go from less to more"
    yield f"    ordinal: {scalar(scale.ordinal)}{doubt}"
    if scale.min is not None and scale.max is not None:
        yield f"    min: {scale.min}"
        yield f"    max: {scale.max}"
    if scale.labels:
        yield "    labels:"
    for language, labels in scale.labels.items():
        yield f"      {scalar(language)}:"
        for code, label in labels.items():
            yield f"        {scalar(code)}: {scalar(label)}"


def _items(settled: Settled) -> Iterator[str]:
    yield comment(
        "source of each item: own wording, or the reference; reverse: true where agreeing means less", todo=True
    )
    yield "items:"
    shared = {matrix.id: _of_matrix(matrix, settled) for matrix in settled.matrices}
    for item in settled.items:
        yield from _notes(settled.comments[item.id], 2)
        lead = "- "
        for key, value in _entries(item).items():
            if shared.get(item.matrix or "", {}).get(key) != value:
                yield f"  {lead}{key}: {value}"
                lead = "  "


def _entries(item: Item) -> dict[str, str]:
    """Keys of an item, in the order in which they are written, as YAML."""
    entries = {"id": scalar(item.id)}
    if item.column != item.id and not item.columns:
        entries["column"] = scalar(item.column)
    default = None if item.scale is None else ("ordinal" if item.scale.ordinal else "nominal")
    if item.type != default:
        entries["type"] = item.type
    if item.scale is not None:
        entries["scale"] = scalar(item.scale.id)
    entries["text"] = texts(item.text)
    limits: dict[str, Value | None] = {"min": item.min, "max": item.max}
    entries |= {key: scalar(limit) for key, limit in limits.items() if limit is not None}
    if item.whole:
        entries["whole"] = "true"
    if item.columns:
        entries["columns"] = flow_mapping(item.columns)
    if item.exclusive:
        entries["exclusive"] = flow(item.exclusive)
    if item.relevant is not None:
        entries["relevant"] = quoted(str(item.relevant))
    if item.required:
        entries["required"] = "true"
    return entries


def _of_matrix(matrix: Matrix, settled: Settled) -> dict[str, str]:
    """What all rows of a matrix have in common and need not say themselves."""
    rows = [_entries(item) for item in settled.items if item.matrix == matrix.id]
    common = ("scale", "type", "relevant", "required")
    return {key: rows[0][key] for key in common if key in rows[0] and all(row.get(key) == rows[0][key] for row in rows)}


def _matrices(settled: Settled) -> Iterator[str]:
    if settled.matrices:
        yield "matrices:"
    for matrix in settled.matrices:
        yield f"  - id: {scalar(matrix.id)}"
        yield f"    text: {texts(matrix.text)}"
        for key, value in _of_matrix(matrix, settled).items():
            yield f"    {key}: {value}"
        yield f"    items: {flow(matrix.items)}"


def _constructs(settled: Settled) -> Iterator[str]:
    yield comment("constructs: what the items measure, and where the measure comes from, for example", todo=True)
    yield comment("constructs:")
    ordinal = {item.id for item in settled.items if item.type == "ordinal"}
    proposals = [matrix for matrix in settled.matrices if ordinal.issuperset(matrix.items)]
    if not proposals:
        yield "#   - {id: trust, label: Trust, items: [t1, t2, t3], source: own wording}"
    for matrix in proposals:
        label = scalar(in_language(matrix.text, "en")[:60])
        yield f"#   - {{id: {matrix.id}_construct, label: {label}, items: {flow(matrix.items)}, source: ...}}"


def _quality() -> Iterator[str]:
    yield comment("quality: items with one right answer for those who read, for example", todo=True)
    yield comment("quality: {attention: [{item: check1, answer: 4}], seconds_per_item: 2}")


def _paradata(settled: Settled) -> Iterator[str]:
    roles = settled.paradata
    if roles:
        yield f"paradata: {flow_mapping(roles)}"
    if "id" not in roles:
        yield comment("paradata: id: the column that names an answer sheet", todo=True)


def _privacy(settled: Settled) -> Iterator[str]:
    sections = {"drop": settled.drop, "hash": settled.pseudonymise, "free_text": settled.free_text}
    written = {key: names for key, names in sections.items() if names}
    if not written:
        yield comment("pii: columns with personal data, for example  pii: {drop: [phone], hash: [ip]}", todo=True)
        return
    yield comment(
        "pii: is this all? columns named here are dropped, hashed or masked before anything is written", todo=True
    )
    yield "pii:"
    for key, names in written.items():
        yield f"  {key}: {flow(names)}"
