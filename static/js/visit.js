/* A visit's form: a template fills in place, and photos become small before they travel. Without script both still work. */
"use strict";

(() => {
  const { smaller } = window.yihu;
  const GAP = "＿＿";

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-template]");
    const form = link?.closest("form");
    if (!form || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    begin(form, link);
  });

  /* Nothing that was chosen or typed goes away: topics are added, the text is put below what is there. */
  function begin(form, link) {
    for (const other of form.querySelectorAll("a[data-template]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    tick(form, "kind", link.dataset.kind);
    for (const topic of link.dataset.topics.split(",")) tick(form, "topics", topic);
    const text = form.querySelector("textarea[name=content]");
    const words = link.dataset.content;
    if (!text.value.includes(words)) text.value = [text.value.trimEnd(), words].filter(Boolean).join("\n");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    showFirstGap(text, text.value.lastIndexOf(words));
  }

  function tick(form, name, value) {
    const button = [...form.querySelectorAll(`input[name=${name}]`)].find((one) => one.value === value);
    if (!button || button.checked) return;
    button.checked = true;
    button.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function showFirstGap(text, from) {
    text.focus();
    const gap = text.value.indexOf(GAP, from);
    if (gap >= 0) text.setSelectionRange(gap, gap + GAP.length);
  }

  /* What was painted anew is a twentieth of the size and has left the place where it was taken behind. */
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!input.matches("form[data-outbox] input[type=file][name=photos]")) return;
    const chosen = [...input.files];
    const made = await Promise.all(chosen.map(smaller));
    const still = [...input.files];
    if (still.length !== chosen.length || still.some((file, n) => file !== chosen[n])) return;
    const list = new DataTransfer();
    for (const { file } of made) list.items.add(file);
    input.files = list.files;
    preview(input, made);
  });

  function preview(input, made) {
    const field = input.closest(".field");
    field.querySelector(".previews")?.remove();
    const list = document.createElement("ul");
    list.className = "previews";
    for (const { file, canvas } of made.filter((one) => one.canvas)) {
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", file.name);
      list.append(document.createElement("li"));
      list.lastChild.append(canvas);
    }
    input.after(list);
  }
})();
