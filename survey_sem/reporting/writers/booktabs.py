"""Tables as LaTeX: booktabs rules, everything escaped."""

from __future__ import annotations

from survey_sem.reporting.numbers import Language
from survey_sem.reporting.table import ShownCell, Table

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "\N{MINUS SIGN}": "$-$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{RIGHTWARDS ARROW}": r"$\rightarrow$",
    "\N{LEFT RIGHT ARROW}": r"$\leftrightarrow$",
    "\N{EM DASH}": "---",
    "\N{NO-BREAK SPACE}": "~",
    "\N{SUPERSCRIPT TWO}": r"\textsuperscript{2}",
    "α": r"$\alpha$",
    "β": r"$\beta$",
    "λ": r"$\lambda$",
    "χ": r"$\chi$",
    "ω": r"$\omega$",
    "\n": " ",
    "\r": " ",
    "\t": " ",
}
_TABLE = str.maketrans(_ESCAPES)
_LONG = 40
_LONG_CELL = 34
_WORDS_SHARE = 0.6
"""Share of the page's width that columns of long words get together."""
_HEAD = {
    "en": "% needs \\usepackage{booktabs,longtable,textcomp}",
    "zh": "% needs \\usepackage{booktabs,longtable,textcomp} and a Chinese class or package (ctex)",
}


def escaped(text: str) -> str:
    """`text` as LaTeX that prints it and does nothing else."""
    return "".join(
        character if character.isprintable() or character in _ESCAPES else "\N{REPLACEMENT CHARACTER}"
        for character in text
    ).translate(_TABLE)


def to_latex(table: Table, language: Language) -> str:
    """The table as a ``table`` environment, or a ``longtable`` where it has more than 40 rows."""
    shown = table.shown_rows(language)
    sides = _sides(table, shown)
    head = " & ".join(escaped(column.title(language)) for column in table.columns) + r" \\"
    rows = [" & ".join(_cell(cell) for cell in row) + r" \\" for row in shown]
    caption = rf"\caption{{{escaped(table.title(language))}}}\label{{tab:{_label(table.key)}}}"
    notes = _notes(table, language)
    if len(rows) > _LONG:
        lines = [
            rf"\begin{{longtable}}{{{sides}}}",
            rf"{caption}\\",
            rf"\toprule {head} \midrule \endhead",
            r"\bottomrule \endfoot",
            *rows,
            r"\end{longtable}",
            *notes,
        ]
    else:
        lines = [
            r"\begin{table}[htbp]",
            r"\centering",
            caption,
            rf"\begin{{tabular}}{{{sides}}}",
            r"\toprule",
            head,
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            *(notes and [r"\par\smallskip", *notes]),
            r"\end{table}",
        ]
    return "\n".join([_HEAD[language], *lines]) + "\n"


def _sides(table: Table, shown: list[list[ShownCell]]) -> str:
    """Alignment of the columns; long words are set in lines of a share of the page."""
    is_long = [
        not column.is_numeric and any(row[at].width > _LONG_CELL for row in shown)
        for at, column in enumerate(table.columns)
    ]
    share = f"p{{{_WORDS_SHARE / max(1, sum(is_long)):.2f}\\linewidth}}"
    return "".join(
        "r" if column.is_numeric else share if long else "l"
        for column, long in zip(table.columns, is_long, strict=True)
    )


def _cell(cell: ShownCell) -> str:
    if cell.is_repeat:
        return ""
    # A bracket after \\ would be read as its option: intervals are kept in a group.
    text = f"{{{escaped(cell.text)}}}" if cell.text.startswith(("[", "*")) else escaped(cell.text)
    return text + (rf"\textsuperscript{{{cell.mark}}}" if cell.mark else "")


def _notes(table: Table, language: Language) -> list[str]:
    told = [*table.noted(language), table.legend(language)]
    lines = [escaped(note) for note in told if note]
    lines += [rf"\textsuperscript{{{mark}}} {escaped(reason)}" for mark, reason in table.footnotes(language)]
    return [r"{\footnotesize " + r" \par ".join(lines) + r"\par}"] if lines else []


def _label(key: str) -> str:
    return key.replace("_", "-")
