// Arrow keys walk over the needs board and Enter opens a cell; Tab stops once. Without it every
// cell is a link of its own.
"use strict";
(function () {
  var table = document.getElementById("board");
  if (!table) { return; }
  var rows = Array.from(table.tBodies[0].rows, function (row) { return Array.from(row.querySelectorAll("th a, .c a")); });
  var links = [].concat.apply([], rows);
  if (!links.length) { return; }
  var at = table.querySelector(".c [aria-current]") || links[0];
  links.forEach(function (link) { link.tabIndex = -1; });
  at.tabIndex = 0;
  table.addEventListener("focusin", function (event) {
    if (links.indexOf(event.target) < 0) { return; }
    at.tabIndex = -1;
    at = event.target;
    at.tabIndex = 0;
  });
  table.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || links.indexOf(event.target) < 0) { return; }
    var row = rows.findIndex(function (cells) { return cells.indexOf(at) >= 0; });
    var column = rows[row].indexOf(at), last = rows.length - 1;
    var step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99], PageUp: [-10, 0], PageDown: [10, 0] }[event.key];
    if (event.key === "Enter") { sessionStorage.setItem("board", "keys"); }
    if (!step) { return; }
    event.preventDefault();
    var to = rows[Math.max(0, Math.min(last, row + step[0]))];
    to[Math.max(0, Math.min(to.length - 1, column + step[1]))].focus();
  });
  // A cell that was opened by key is where the keys go on from.
  if (sessionStorage.getItem("board") === "keys") {
    sessionStorage.removeItem("board");
    at.focus();
  }
}());
