/* A signature drawn with the finger: a path of M, L and whole numbers within 300 × 100 goes into the hidden field. */
"use strict";

(() => {
  const WIDTH = 300;
  const HEIGHT = 100;
  const LONGEST = 8000;

  for (const box of document.querySelectorAll("[data-signature]")) begin(box);

  function begin(box) {
    const field = document.getElementById(box.dataset.signature);
    const sheet = box.querySelector("svg");
    const path = sheet.querySelector("path");
    let last = "";
    box.hidden = false;

    const show = () => path.setAttribute("d", field.value);

    function point(event) {
      const frame = sheet.getBoundingClientRect();
      const within = (share, size) => Math.round(Math.min(1, Math.max(0, share)) * size);
      const x = within((event.clientX - frame.left) / frame.width, WIDTH);
      const y = within((event.clientY - frame.top) / frame.height, HEIGHT);
      return `${x} ${y}`;
    }

    function add(letter, at) {
      if (field.value.length + at.length + 1 > LONGEST) return;
      last = at;
      field.value += letter + at;
      show();
    }

    sheet.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      sheet.setPointerCapture(event.pointerId);
      const at = point(event);
      add("M", at);
      // A dot is a line to itself.
      add("L", at);
    });
    sheet.addEventListener("pointermove", (event) => {
      if (!sheet.hasPointerCapture(event.pointerId)) return;
      const at = point(event);
      if (at !== last) add("L", at);
    });
    box.querySelector("[data-clear]").addEventListener("click", () => {
      field.value = "";
      show();
    });
  }
})();
