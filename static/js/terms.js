// Words of the glossary: pointing at one, focusing it or touching it shows what it means. The
// definition stays while one points at it, and Escape puts it away. Without this file it is a link.
"use strict";

(() => {
  const WAIT_MS = 150;
  let tip = null;
  let shown = null;
  let timer = 0;

  function makeTip() {
    const element = document.createElement("div");
    element.id = "term-tip";
    element.className = "term-tip";
    element.setAttribute("role", "tooltip");
    element.popover = "manual";
    element.addEventListener("pointerleave", leave);
    element.addEventListener("pointerenter", () => window.clearTimeout(timer));
    document.body.append(element);
    return element;
  }

  function place(link) {
    const gap = 8;
    const word = link.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const left = Math.min(word.left, document.documentElement.clientWidth - size.width - gap);
    const below = word.bottom + 4 + size.height < window.innerHeight;
    tip.style.left = `${Math.max(gap, left)}px`;
    tip.style.top = `${below ? word.bottom + 4 : Math.max(gap, word.top - size.height - 4)}px`;
  }

  function show(link) {
    window.clearTimeout(timer);
    if (shown === link) return;
    hide();
    tip ??= makeTip();
    tip.textContent = link.dataset.term;
    tip.showPopover();
    place(link);
    link.setAttribute("aria-describedby", tip.id);
    shown = link;
  }

  function hide() {
    window.clearTimeout(timer);
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    tip.hidePopover();
    shown = null;
  }

  function leave() {
    window.clearTimeout(timer);
    timer = window.setTimeout(hide, WAIT_MS);
  }

  const termOf = (event) => event.target.closest?.(".term");

  document.addEventListener("pointerover", (event) => {
    const link = event.pointerType === "mouse" && termOf(event);
    if (!link) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(show, WAIT_MS, link);
  });
  document.addEventListener("pointerout", (event) => { if (termOf(event)) leave(); });
  document.addEventListener("focusin", (event) => {
    const link = termOf(event);
    if (link?.matches(":focus-visible")) show(link);
    else if (!link) hide();
  });
  document.addEventListener("focusout", (event) => { if (termOf(event)) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  // Focusing may scroll the word into sight: the definition moves with it.
  document.addEventListener("scroll", () => { if (shown) place(shown); }, { passive: true, capture: true });
  // The first touch explains, the second follows the link.
  document.addEventListener("click", (event) => {
    const link = termOf(event);
    if (!link) { hide(); return; }
    if (event.pointerType !== "touch" || shown === link) return;
    event.preventDefault();
    show(link);
  });
  document.addEventListener("htmx:before:swap", hide);
})();
