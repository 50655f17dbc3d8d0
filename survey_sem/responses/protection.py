"""Personal data of responses: treated as the instrument says before anything leaves, and told where it is silent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from survey_sem.instrument import Instrument
from survey_sem.instrument.model import Generalised
from survey_sem.responses.ledger import Ledger
from survey_sem.responses.personal_data import personal_content
from survey_sem.responses.privacy import generalised, masked_text, pseudonyms

if TYPE_CHECKING:
    import pandas as pd

    Column = pd.Series[Any]

_ADDRESSES = {"ip": "internet addresses", "user": "user names or numbers"}


@dataclass(frozen=True, slots=True)
class Tables:
    """What leaves validation: variables, why answers are absent, paradata."""

    frame: pd.DataFrame
    absent: pd.DataFrame
    paradata: pd.DataFrame


def protect(tables: Tables, instrument: Instrument, aliases: Mapping[str, str], key: bytes | None) -> Tables:
    """Drop, pseudonymise, coarsen and mask what the instrument names; everything else is as it was.

    Parameters
    ----------
    tables : Tables
        As validated.
    instrument : Instrument
        Its `privacy` says what is done.
    aliases : mapping
        Column that the instrument names as personal data -> the item or role whose column it is.
    key : bytes or None
        Secret of the pseudonyms.
    """
    told = instrument.privacy
    frame, absent, paradata = tables.frame, tables.absent, tables.paradata
    variables = {item.id: item.variables for item in instrument.items}
    coarser: Mapping[str, Generalised] = {each.name: each for each in told.generalise}
    for name in (*told.pseudonymise, *coarser, *told.free_text):

        def treated(column: Column, name: str = name) -> Column:
            if name in coarser:
                return generalised(column, coarser[name])
            return masked_text(column)[0] if name in told.free_text else pseudonyms(column, key)

        own = aliases.get(name, name)
        if own in variables:
            frame = frame.assign(**{one: treated(frame[one]) for one in variables[own] if one in frame.columns})
        elif own in paradata.columns:
            paradata = paradata.assign(**{own: treated(paradata[own])})
    gone = [aliases.get(name, name) for name in told.drop]
    return Tables(
        frame.drop(columns=[one for name in gone for one in variables.get(name, ())], errors="ignore"),
        absent.drop(columns=gone, errors="ignore"),
        paradata.drop(columns=gone, errors="ignore"),
    )


def note_personal_data(tables: Tables, instrument: Instrument, aliases: Mapping[str, str], ledger: Ledger) -> None:
    """A warning per item or column that holds personal data and is named nowhere under ``pii``."""
    told = instrument.privacy
    declared = {*told.drop, *told.pseudonymise, *told.free_text, *(each.name for each in told.generalise)}
    declared |= {aliases.get(name, name) for name in declared}
    for name, rows, got, hint in _personal(tables, instrument, declared):
        ledger.rows("personal-data", name, rows, "nothing that leads to a person", got, hint)


_Found = tuple[str, np.ndarray[Any, Any], str, str]


def _personal(tables: Tables, instrument: Instrument, declared: set[str]) -> Iterator[_Found]:
    for item in instrument.items:
        if item.id in declared or item.id not in tables.frame.columns:
            continue
        if item.type == "text":
            yield from _in_texts(item.id, tables.frame[item.id])
        elif item.type == "number":
            yield from _in_column(item.id, tables.frame[item.id])
    for column in tables.paradata.columns:
        name = str(column)
        if name in declared:
            continue
        if name in _ADDRESSES:
            rows = np.flatnonzero(tables.paradata[name].notna().to_numpy())
            yield name, rows, _ADDRESSES[name], "name it under `pii: hash:`, or under `drop:`"
        elif name not in instrument.paradata.columns:
            yield from _in_column(name, tables.paradata[name])


def _in_texts(name: str, column: Column) -> Iterator[_Found]:
    masked, counts = masked_text(column)
    if counts:
        kinds = ", ".join(f"{kind} {count}" for kind, count in counts.items())
        rows = np.flatnonzero((masked != column).to_numpy() & column.notna().to_numpy())
        yield name, rows, kinds, "name it under `pii: free_text:` to have it masked, or under `drop:`"


def _in_column(name: str, column: Column) -> Iterator[_Found]:
    kind = personal_content(column)
    if kind is not None:
        rows = np.flatnonzero(column.notna().to_numpy())
        yield name, rows, f"a column of {kind} entries", "name it under `pii: drop:` or under `hash:`"
