"""The report in a real browser, where one is installed: nothing sticks out, sorting and zooming work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from reporting.studies import study

from survey_sem.reporting import build_report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)

# An outer page looks into the report through a frame of the wanted width, and writes what it sees.
OUTER = """<!doctype html><meta charset="utf-8"><body>
<iframe src="report.html" style="width:%dpx;height:900px"></iframe>
<script>
document.querySelector("iframe").onload = function () {
  var page = this.contentDocument, view = this.contentWindow, found = {};
  function box(element) { return element.getBoundingClientRect(); }
  found.width = view.innerWidth;
  found.scroll = page.documentElement.scrollWidth;
  var parts = page.querySelectorAll("p, h1, h2, h3, figcaption, .scroll, .viewport, .drawing, pre, dd, li");
  found.outside = Array.from(parts)
    .filter(function (e) { return box(e).right > view.innerWidth + 1; })
    .map(function (e) { return e.className || e.tagName; });
  var table = page.querySelector("#structure table"), head = table.querySelectorAll("th button")[2];
  function column() {
    return Array.from(table.tBodies[0].rows).map(function (row) { return parseFloat(row.cells[2].dataset.value); });
  }
  found.before = column(); head.click(); found.descending = column(); head.click(); found.ascending = column();
  head.click(); found.after = column(); found.label = head.getAttribute("aria-label");
  var drawing = page.querySelector(".zoomable svg"), width = box(drawing).width;
  found.bar = !page.querySelector(".zoombar").hidden;
  page.querySelector("[data-zoom=in]").click(); found.zoomed = box(drawing).width / width;
  found.page_after_zoom = page.documentElement.scrollWidth;
  page.querySelector("[data-zoom=all]").click();
  found.whole = box(drawing).width <= box(page.querySelector(".viewport")).width;
  document.body.textContent = "FOUND" + JSON.stringify(found) + "END";
};
</script>"""


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None or os.environ.get("CI_WITHOUT_BROWSER") is not None, reason="no browser installed")
@pytest.mark.parametrize("width", [375, 1280])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_layout_sorting_and_zoom(tmp_path: Path, width: int, language: str):
    (tmp_path / "report.html").write_text(build_report(study(), language), "utf-8")  # type: ignore[arg-type]
    (tmp_path / "outer.html").write_text(OUTER % width, "utf-8")
    found = look(tmp_path)
    assert found["width"] == width
    assert found["scroll"] <= width
    assert found["page_after_zoom"] <= width
    assert found["outside"] == []
    assert found["descending"] == sorted(found["before"], reverse=True)
    assert found["ascending"] == sorted(found["before"])
    assert found["after"] == found["before"]
    assert found["label"].startswith({"en": "Sort by", "zh": "按"}[language])
    assert found["bar"]
    assert found["zoomed"] == pytest.approx(1.4, abs=0.05)
    assert found["whole"]


def look(folder: Path) -> dict[str, object]:
    """What the outer page saw."""
    command = [
        str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--allow-file-access-from-files", f"--user-data-dir={folder / 'profile'}",
        "--window-size=1400,1000", "--virtual-time-budget=5000", "--dump-dom", (folder / "outer.html").as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=True)
    text = re.search(r"FOUND(.*)END", done.stdout, re.S)
    assert text is not None, done.stderr[-2000:]
    seen: dict[str, object] = json.loads(text[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return seen
