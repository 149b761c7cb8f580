// Shows how far the work on a plan is, without loading the whole page. Without it the page
// reloads itself; either way the work goes on when nobody looks.
"use strict";
(function () {
  var box = document.getElementById("solving");
  if (!box || !window.fetch || !window.DOMParser) { return; }
  var wait = 1000;
  function look() {
    fetch(box.dataset.url, { credentials: "same-origin", cache: "no-store" })
      .then(function (answer) {
        if (answer.redirected) { window.location.replace(answer.url); return null; }
        return answer.text();
      })
      .then(function (text) {
        if (text === null) { return; }
        var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("solving");
        if (!fresh) { window.location.reload(); return; }
        if (box.innerHTML !== fresh.innerHTML) { box.replaceChildren.apply(box, Array.from(fresh.childNodes)); }
        window.setTimeout(look, wait);
      })
      .catch(function () { window.setTimeout(look, 5000); });
  }
  window.setTimeout(look, wait);
}());
