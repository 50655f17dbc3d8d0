"""What a run keeps about questionnaire and respondents: the codebook, and the sample beside what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from survey_sem.instrument import Instrument, Item
from survey_sem.instrument.model import Partition
from survey_sem.responses import Responses
from survey_sem.sample import Sample
from survey_sem.sample.background import SampleDescription, describe_sample

if TYPE_CHECKING:
    from survey_sem.results import SemResult


def measured_items(instrument: Instrument, fits: Mapping[str, SemResult]) -> tuple[Item, ...]:
    """The items that belong to a construct, and the ordered ones that a model holds."""
    in_constructs = {name for construct in instrument.constructs for name in construct.items}
    modelled = {name for fit in fits.values() for name in fit.table.names("ov")}
    return tuple(
        item
        for item in instrument.items
        if item.id in in_constructs or (item.id in modelled and item.type == "ordinal")
    )


def describe_run(responses: Responses, sample: Sample, fits: Mapping[str, SemResult]) -> SampleDescription:
    """The sample beside what the fits measure, small cells withheld."""
    instrument = responses.instrument
    measured = {item.id for item in measured_items(instrument, fits)}
    return describe_sample(sample.data, instrument, measured, received=responses.frame, paradata=responses.paradata)


def codebook(instrument: Instrument) -> dict[str, Any]:
    """A questionnaire as plain data (schema ``survey-sem/codebook/1``): what every variable of the sample holds."""
    constructs: dict[str, list[str]] = {}
    for construct in instrument.constructs:
        for name in construct.items:
            constructs.setdefault(name, []).append(construct.id)
    return {
        "schema": "survey-sem/codebook/1",
        "instrument": {"id": instrument.id, "version": instrument.version, "sha256": instrument.sha256},
        "title": dict(instrument.title),
        "items": [_item(item, constructs.get(item.id, [])) for item in instrument.items],
        "partitions": [_partition(partition) for partition in instrument.partitions],
        "constructs": [
            {
                "id": construct.id,
                "label": dict(construct.label),
                "items": list(construct.items),
                "parts": list(construct.parts),
                "source": construct.source,
            }
            for construct in instrument.constructs
        ],
        "missing": [{"code": each.code, "kind": each.kind, "text": dict(each.text)} for each in instrument.missing],
    }


def _item(item: Item, constructs: list[str]) -> dict[str, Any]:
    return {
        "id": item.id,
        "variables": list(item.variables),
        "column": item.column,
        "columns": {str(code): name for code, name in item.columns.items()},
        "type": item.type,
        "text": dict(item.text),
        "matrix": item.matrix,
        "scale": item.scale.id if item.scale is not None else None,
        "codes": _codes(item),
        "min": item.min,
        "max": item.max,
        "reverse": item.reverse,
        "asked_if": str(item.relevant) if item.relevant is not None else None,
        "required": item.required,
        "source": item.source,
        "constructs": constructs,
    }


def _codes(item: Item) -> list[dict[str, Any]]:
    if item.scale is None:
        return []
    labels = item.scale.labels
    return [
        {"code": code, "label": {language: by_code[code] for language, by_code in labels.items() if code in by_code}}
        for code in item.scale.codes
    ]


def _partition(partition: Partition) -> dict[str, Any]:
    return {
        "id": partition.id,
        "label": dict(partition.label),
        "of": partition.of,
        "source": partition.source,
        "parts": [
            {
                "id": part.id,
                "label": dict(part.label),
                "from": part.low,
                "below" if part.is_open else "to": part.high,
                "codes": list(part.codes),
            }
            for part in partition.parts
        ],
    }
