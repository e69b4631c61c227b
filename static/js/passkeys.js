// Passkeys: hands allauth's own scripts what stands in the page as data, for no script is inline.
"use strict";

for (const element of document.querySelectorAll("[data-passkeys]")) {
  window.allauth.webauthn.forms[element.dataset.passkeys](JSON.parse(element.textContent));
}

document.addEventListener("allauth.error", (event) => {
  const said = document.querySelector("[data-passkeys-error]");
  if (!said) return;
  event.preventDefault();
  said.textContent = `The passkey was not used: ${event.detail.exception.message}`;
  said.hidden = false;
});
