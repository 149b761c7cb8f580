// "/" goes to Find, Escape closes an open menu, a click elsewhere closes it as well.
// Pages work without this file.
"use strict";
document.addEventListener("keydown", function (event) {
  var at = document.activeElement;
  var typing = at && (/^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) || at.isContentEditable);
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    var box = document.getElementById("q");
    var link = document.getElementById("find-link");
    if (box) { event.preventDefault(); box.focus(); box.select(); }
    else if (link) { event.preventDefault(); location.assign(link.href); }
  }
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
});
document.addEventListener("click", function (event) {
  document.querySelectorAll("details.menu[open]").forEach(function (menu) {
    if (!menu.contains(event.target)) { menu.open = false; }
  });
});
