// The questionnaire's small courtesies. Everything works without them, with one click more.
"use strict";

const form = () => document.getElementById("questions");

// Typing a number chooses "exactly"; choosing a suggestion empties the number field.
function typedNumber(field) {
  const radio = form().querySelector(`input[name="${field.name.replace(/_exact$/, "")}"][value="exact"]`);
  if (radio) radio.checked = field.value !== "";
}

function choseRadio(radio) {
  const field = form().querySelector(`input[name="${radio.name}_exact"]`);
  if (!field) return;
  if (radio.value === "exact") field.focus();
  else field.value = "";
}

// "Nothing special" and the needs exclude one another.
function tickedNeed(box) {
  for (const other of form().querySelectorAll(`input[name="${box.name}"]`)) {
    if (other !== box && (box.value === "none" || other.value === "none")) other.checked = false;
  }
}

// In the capture phase, so that the request htmx sends already carries what was put right.
document.addEventListener("input", (event) => {
  if (event.target.matches("#questions .exact")) typedNumber(event.target);
}, true);
document.addEventListener("change", (event) => {
  if (event.target.matches("#questions input[type=radio]")) choseRadio(event.target);
  if (event.target.matches("#questions input[type=checkbox]:checked")) tickedNeed(event.target);
}, true);

// A link to the folded part, or to a question in it, unfolds it first.
function unfold(hash) {
  const fold = hash.length > 1 && document.getElementById(hash.slice(1))?.closest("details");
  if (fold) fold.open = true;
}
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (link) unfold(link.hash);
});
