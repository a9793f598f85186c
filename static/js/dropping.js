/* A file dropped anywhere in the frame around the field is chosen; without this the field itself takes it. */
"use strict";

(() => {
  const frame = document.querySelector(".drop"), field = frame?.querySelector("input[type=file]");
  if (!field) return;
  const over = (event) => { event.preventDefault(); frame.classList.add("over"); };
  frame.addEventListener("dragenter", over);
  frame.addEventListener("dragover", over);
  frame.addEventListener("dragleave", (event) => { if (!frame.contains(event.relatedTarget)) frame.classList.remove("over"); });
  frame.addEventListener("drop", (event) => {
    event.preventDefault();
    frame.classList.remove("over");
    if (event.dataTransfer.files.length) field.files = event.dataTransfer.files;
  });
  // Dropped beside the frame, the browser would leave the page and open the file.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
})();
