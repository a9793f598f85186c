/* Choosing buildings on the map of the print centre: a tap ticks the box of the list, and the other way round. */
"use strict";

(() => {
  const form = document.getElementById("batch");
  const map = document.getElementById("map");
  if (!form || !map) return;
  const boxOf = (house) => document.getElementById(house.getAttribute("href").slice(1));
  const houses = [...map.querySelectorAll("a.b")].filter(boxOf);

  function show() {
    for (const house of houses) {
      const box = boxOf(house);
      const block = box.closest("fieldset").querySelector('[name="blocks"]');
      house.classList.toggle("chosen", box.checked || Boolean(block && block.checked));
    }
  }

  map.addEventListener("click", (event) => {
    const house = event.target.closest("a.b");
    if (!house || !boxOf(house)) return;
    event.preventDefault();
    const box = boxOf(house);
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  });
  form.addEventListener("change", show);
  show();
})();
