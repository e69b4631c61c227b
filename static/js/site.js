// Copy buttons: hidden without JavaScript, because nothing but JavaScript can copy.
"use strict";

function announceCopied(button) {
  const words = button.textContent;
  button.textContent = "Copied";
  window.setTimeout(() => { button.textContent = words; }, 1600);
}

function selectText(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

async function copyFrom(button) {
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    announceCopied(button);
  } catch {
    // No permission, or plain HTTP on a net: the text stands selected, ready for Ctrl-C.
    selectText(source);
  }
}

function showCopyButtons(root) {
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) copyFrom(button);
});
document.addEventListener("DOMContentLoaded", () => showCopyButtons(document));
document.addEventListener("htmx:after:swap", () => showCopyButtons(document));
// What an address points at is not left folded away.
function unfoldTarget() {
  const target = window.location.hash.length > 1 && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
  const fold = target && target.closest("details:not([open])");
  if (!fold) return;
  fold.open = true;
  target.scrollIntoView();
}
document.addEventListener("DOMContentLoaded", unfoldTarget);
window.addEventListener("hashchange", unfoldTarget);
document.documentElement.classList.add("js");
