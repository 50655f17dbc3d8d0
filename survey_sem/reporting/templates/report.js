(function () {
  "use strict";
  function each(selector, root, work) { Array.prototype.forEach.call(root.querySelectorAll(selector), work); }

  function sortable(table) {
    var body = table.tBodies[0], original = Array.prototype.slice.call(body.rows);
    each("thead th", table, function (head) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); }
      button.setAttribute("aria-label", table.dataset.sort.replace("{column}", button.textContent.trim()));
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, body, original, head); });
    });
  }

  function value(row, at) {
    var cell = row.cells[at], number = cell.dataset.value;
    return number === undefined ? cell.textContent.trim() : parseFloat(number);
  }

  function sort(table, body, original, head) {
    var was = head.getAttribute("aria-sort"), at = head.cellIndex;
    var next = was === "descending" ? "ascending" : was === "ascending" ? null : "descending";
    each("thead th", table, function (other) { other.removeAttribute("aria-sort"); });
    var rows = original.slice();
    if (next) {
      head.setAttribute("aria-sort", next);
      var sign = next === "ascending" ? 1 : -1;
      rows.sort(function (a, b) {
        var x = value(a, at), y = value(b, at);
        var isX = typeof x === "number", isY = typeof y === "number";
        if (isX && isY) { return sign * (x - y); }
        if (isX !== isY) { return isX ? -1 : 1; }
        return sign * x.localeCompare(y, document.documentElement.lang);
      });
    }
    table.classList.toggle("sorted", Boolean(next));
    rows.forEach(function (row) { body.appendChild(row); });
  }

  function zoomable(figure) {
    var view = figure.querySelector(".viewport"), drawing = view.querySelector("svg");
    var natural = drawing.viewBox.baseVal.width;
    function whole() { return Math.min(natural, view.clientWidth); }
    function scale() { return drawing.getBoundingClientRect().width / whole(); }
    function show(wanted, x, y) {
      var next = Math.min(8, Math.max(1, wanted)), ratio = next / scale();
      var left = (view.scrollLeft + x) * ratio - x, top = (view.scrollTop + y) * ratio - y;
      drawing.style.maxWidth = "none";
      drawing.style.minWidth = "0";
      drawing.style.width = whole() * next + "px";
      view.scrollLeft = left;
      view.scrollTop = top;
      view.style.cursor = next > 1 ? "grab" : "";
    }
    function middle(factor) { show(scale() * factor, view.clientWidth / 2, view.clientHeight / 2); }
    var bar = figure.querySelector(".zoombar");
    bar.hidden = false;
    each("button", bar, function (button) {
      var factor = { "in": 1.4, "out": 1 / 1.4 }[button.dataset.zoom];
      button.addEventListener("click", function () { if (factor) { middle(factor); } else { show(1, 0, 0); } });
    });
    function at(event) {
      var box = view.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    }
    view.addEventListener("wheel", function (event) {
      if (!event.ctrlKey && !event.metaKey) { return; }
      event.preventDefault();
      var place = at(event);
      show(scale() * Math.exp(-event.deltaY / 300), place[0], place[1]);
    }, { passive: false });
    view.addEventListener("keydown", function (event) {
      if (event.key === "+" || event.key === "=") { middle(1.4); }
      else if (event.key === "-") { middle(1 / 1.4); }
      else if (event.key === "0") { show(1, 0, 0); }
    });
    pinch(view, scale, show);
    drag(view);
  }

  function pinch(view, scale, show) {
    var start = 0, before = 1;
    function spread(touches) {
      return Math.hypot(touches[0].clientX - touches[1].clientX, touches[0].clientY - touches[1].clientY);
    }
    view.addEventListener("touchstart", function (event) {
      if (event.touches.length === 2) { start = spread(event.touches); before = scale(); }
    }, { passive: true });
    view.addEventListener("touchmove", function (event) {
      if (event.touches.length !== 2 || !start) { return; }
      event.preventDefault();
      var box = view.getBoundingClientRect(), t = event.touches;
      show(before * spread(t) / start, (t[0].clientX + t[1].clientX) / 2 - box.left, (t[0].clientY + t[1].clientY) / 2 - box.top);
    }, { passive: false });
    view.addEventListener("touchend", function () { start = 0; });
  }

  function drag(view) {
    var from = null;
    view.addEventListener("pointerdown", function (event) {
      if (event.pointerType !== "mouse" || event.button !== 0) { return; }
      from = [event.clientX + view.scrollLeft, event.clientY + view.scrollTop];
      view.setPointerCapture(event.pointerId);
    });
    view.addEventListener("pointermove", function (event) {
      if (from) { view.scrollLeft = from[0] - event.clientX; view.scrollTop = from[1] - event.clientY; }
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      view.addEventListener(name, function () { from = null; });
    });
  }

  function follow(links) {
    if (!("IntersectionObserver" in window)) { return; }
    var seen = new Set();
    var watch = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) { if (entry.isIntersecting) { seen.add(entry.target.id); } else { seen.delete(entry.target.id); } });
      var current = Array.prototype.find.call(links, function (link) { return seen.has(link.hash.slice(1)); });
      links.forEach(function (link) {
        if (link === current) { link.setAttribute("aria-current", "true"); } else { link.removeAttribute("aria-current"); }
      });
    }, { rootMargin: "0px 0px -60% 0px" });
    links.forEach(function (link) { watch.observe(document.getElementById(link.hash.slice(1))); });
  }

  each("table[data-sort]", document, sortable);
  each("figure.zoomable", document, zoomable);
  follow(document.querySelectorAll("nav a"));
  window.addEventListener("beforeprint", function () {
    each("details", document, function (fold) { if (fold.querySelector("table")) { fold.open = true; } });
  });
})();
