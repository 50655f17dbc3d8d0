"""Growth as pictures: seconds and memory over size, both axes logarithmic, ours beside lavaan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLOURS = ("#0b6e99", "#c1531f", "#3f7f3f", "#7b4f9d", "#555555")
STYLES = {"survey_sem": ("-", "o"), "lavaan": ("--", "s")}
LEAST_MB = 1.0


def draw(series: dict[str, Any], target: Path) -> None:
    """Draw one series of a record to a file; its ending says of which kind."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.5, 4.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    lines = list(series["points"]["survey_sem"])
    for engine, own in series["points"].items():
        for name, points in own.items():
            style, marker = STYLES[engine]
            looks = {"color": COLOURS[lines.index(name)], "linestyle": style, "marker": marker, "markersize": 4}
            known = [point for point in points if point["seconds"] is not None]
            sizes = [point["size"] for point in known]
            label = f"{name}, {'ours' if engine == 'survey_sem' else engine}"
            left.plot(sizes, [point["seconds"] for point in known], label=label, **looks)
            right.plot(sizes, [max(point["memory_mb"] or 0.0, LEAST_MB) for point in known], **looks)
    for axes, what in ((left, "seconds of one fit"), (right, "peak memory beyond the rows, MB (at least 1)")):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel(series["axis"])
        axes.set_title(what, fontsize=10)
        ticks = series["sizes"]
        axes.set_xticks(ticks, [f"{size:,}" for size in ticks])
        axes.minorticks_off()
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.tick_params(labelsize=8)
    figure.suptitle(f"Growth with {series['axis']}: {series['fixed']}", fontsize=11)
    figure.legend(loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    figure.savefig(target, dpi=110, metadata={"Date": None} if target.suffix == ".svg" else None)
