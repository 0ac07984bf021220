// A plate's pages: sends the photo that shows that a notice is dealt with, and prints the sheet.
"use strict";
document.querySelectorAll("input[data-address]").forEach((input) => {
  const button = input.closest("label"), said = button.nextElementSibling;
  input.addEventListener("change", async () => {
    const [photo] = input.files;
    if (!photo) return;
    input.disabled = true;
    said.textContent = input.dataset.sending;
    try {
      const answer = await fetch(`${input.dataset.address}?lang=${document.documentElement.lang.slice(0, 2)}`, {
        method: "POST", body: photo, headers: { "Content-Type": photo.type || "application/octet-stream" },
      });
      if (answer.ok) {
        window.location.reload();
        return;
      }
      const fault = await answer.json();
      said.textContent = fault.detail || fault.title;
    } catch {
      said.textContent = input.dataset.lost;
    }
    // The same picture may be chosen again.
    input.value = "";
    input.disabled = false;
  });
});
document.getElementById("print")?.addEventListener("click", () => window.print());
