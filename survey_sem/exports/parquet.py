"""Parquet in and out; what goes out has the same bytes each time."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from survey_sem.errors import FileError
from survey_sem.exports.header import checked_header

if TYPE_CHECKING:
    import pandas as pd


_INDEX = "__index_level_"
"""How pandas calls the columns in which it keeps an index."""


def read_parquet(content: bytes, path: Path) -> pd.DataFrame:
    """Rows of a parquet file.

    Raises
    ------
    FileError
        A damaged file, no rows, a bad header.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # what pandas noted about index and types is not needed, and cannot be trusted in a damaged file
        frame: pd.DataFrame = pq.read_table(io.BytesIO(content)).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, ValueError, OSError) as problem:
        raise FileError(
            "damaged-file", f"{path.name} is no readable parquet file: {problem}", where=str(path)
        ) from None
    if frame.empty:
        raise FileError("no-rows", f"{path.name} has no rows", where=str(path))
    kept = [name for name in frame.columns if not str(name).startswith(_INDEX)]
    return checked_header(frame[kept], [str(name) for name in kept], path)


def write_parquet(frame: pd.DataFrame, path: str | os.PathLike[str]) -> None:
    """Write `frame` without its index; equal frames give equal bytes on the same pyarrow version.

    Raises
    ------
    FileError
        The path cannot be written, or a column holds values of more than one kind.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, Path(path), compression="zstd", version="2.6", store_schema=True)
    except (pa.ArrowException, UnicodeEncodeError, OSError) as problem:
        raise FileError("unwritable-file", f"{Path(path).name} cannot be written: {problem}", where=str(path)) from None
