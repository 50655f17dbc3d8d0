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
        frame: pd.DataFrame = pq.read_table(io.BytesIO(content)).to_pandas()
    except (pa.ArrowException, UnicodeDecodeError, OSError) as problem:
        raise FileError(
            "damaged-file", f"{path.name} is no readable parquet file: {problem}", where=str(path)
        ) from None
    if frame.empty:
        raise FileError("no-rows", f"{path.name} has no rows", where=str(path))
    return checked_header(frame, [str(name) for name in frame.columns], path)


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
