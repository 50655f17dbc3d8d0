"""Tables as files and markup: HTML, csv, xlsx, LaTeX, Word."""
