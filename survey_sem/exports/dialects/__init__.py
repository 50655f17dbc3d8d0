"""Who wrote a file: each platform's headers and marks, recognised and brought to plain columns.

A dialect is one module with one :class:`~survey_sem.exports.dialects.dialect.Dialect` in the table of
``choice.py``.
"""
