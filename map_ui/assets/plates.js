// A plate's pages: sends the photo that shows that a notice is dealt with, and prints the sheet. Old telephones in the
// street must understand it, too.
"use strict";
const LARGE_BYTES = 7500000, LONGER_PIXELS = 2400;

// What the server would refuse for its size is sent smaller.
function shrunk(photo) {
  if (photo.size <= LARGE_BYTES || !window.createImageBitmap) return Promise.resolve(photo);
  return createImageBitmap(photo).then((bitmap) => new Promise((resolve) => {
    const scale = Math.min(1, LONGER_PIXELS / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((smaller) => resolve(smaller || photo), "image/jpeg", 0.85);
  })).catch(() => photo);
}

document.querySelectorAll("input[data-address]").forEach((input) => {
  const said = input.closest("label").nextElementSibling;
  input.addEventListener("change", () => {
    if (!input.files.length) return;
    input.disabled = true;
    said.textContent = input.dataset.sending;
    const refused = (words) => {
      said.textContent = words;
      // The same picture may be chosen again.
      input.value = "";
      input.disabled = false;
    };
    shrunk(input.files[0]).then((photo) => fetch(`${input.dataset.address}?lang=${document.documentElement.lang.slice(0, 2)}`, {
      method: "POST", body: photo, headers: { "Content-Type": photo.type || "application/octet-stream" },
    })).then((answer) => {
      if (answer.ok) window.location.reload();
      else return answer.json().then((fault) => refused(fault.detail || fault.title));
    }).catch(() => refused(input.dataset.lost));
  });
});
const print_ = document.getElementById("print");
if (print_) print_.addEventListener("click", () => window.print());
