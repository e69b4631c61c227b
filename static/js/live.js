// Live pages: what comes by the stream, and polling for as long as nothing comes.
"use strict";

(() => {
  const SILENT_MS = 25000; // two and a half beats: then the stream is dead, whatever the browser thinks
  const TOAST_MS = 8000;
  const MOST_TOASTS = 3;
  let heardAt = -Infinity;

  const streaming = () => performance.now() - heardAt < SILENT_MS;
  const heard = () => { heardAt = performance.now(); };
  const silent = () => { heardAt = -Infinity; };

  for (const word of ["beat", "moved", "htmx:sse:after:message"]) document.addEventListener(word, heard);
  for (const end of ["over", "htmx:sse:error", "htmx:sse:close"]) document.addEventListener(end, silent);

  // htmx polls by an event of its own. Where the stream tells all, or nobody looks, it ends here.
  document.addEventListener("every", (event) => {
    if (event.target.matches("[data-live]") && (document.hidden || streaming())) event.stopImmediatePropagation();
  }, true);

  // What changed, in words, for those who do not look: `data-says` of any element with an id.
  const said = new Map();

  function toast(text) {
    const region = document.getElementById("toasts");
    if (!region) return;
    const note = document.createElement("p");
    note.className = "toast";
    note.textContent = text;
    region.append(note);
    while (region.children.length > MOST_TOASTS) region.firstElementChild.remove();
    window.setTimeout(() => note.remove(), TOAST_MS);
  }

  function sayNews() {
    for (const element of document.querySelectorAll("[id][data-says]")) {
      const text = element.dataset.says;
      if (said.has(element.id) && said.get(element.id) !== text) toast(text);
      said.set(element.id, text);
    }
  }

  document.addEventListener("DOMContentLoaded", sayNews);
  document.addEventListener("htmx:after:swap", sayNews);
  document.addEventListener("htmx:sse:after:message", sayNews);
})();
