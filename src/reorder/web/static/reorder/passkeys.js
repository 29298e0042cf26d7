// A passkey that the device does not release is said on the page, not only in the console.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.querySelectorAll("[data-passkey-error]").forEach((one) => { one.hidden = false; one.setAttribute("role", "alert"); });
});
