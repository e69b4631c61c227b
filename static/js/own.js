// Another model: only the head of a GGUF file is sent, and the answers given meanwhile come along.
"use strict";

// A slice is a view: the rest of the file is never read.
function cutToHead(field) {
  const file = field.files[0];
  const most = Number(field.dataset.head);
  if (!file || file.size <= most) return;
  const kept = new DataTransfer();
  kept.items.add(new File([file.slice(0, most)], file.name));
  field.files = kept.files;
}

// The address holds the answers as they are now, the page as they were when it was loaded.
document.addEventListener("submit", (event) => {
  const answers = event.target.querySelector('.own-form input[name="answers"]');
  if (answers) answers.value = window.location.search;
});
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=file][data-head]")) cutToHead(event.target);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#own-"]');
  const fold = link && document.querySelector(link.hash);
  if (fold) fold.open = true;
});
