/* Words typed and not saved: kept by form and person, offered when the form is opened again, never put back unasked. */
"use strict";

(() => {
  const { open, get, set, remove, person, saving, word, el, notice, when } = window.yihu;
  const PAUSE = 400, KEPT_FOR = 8 * 24 * 3600e3;
  const beginnings = new WeakMap(), timers = new WeakMap();

  function place(form) { return `${person().id} ${form.getAttribute("action")}`; }

  /* Everything that can be typed; the version goes along, so that an old draft clashes instead of overwriting. */
  function words(form) {
    const sent = [...new FormData(form)].filter(([name, value]) => typeof value === "string");
    return sent.filter(([name]) => !["csrf_token", "key"].includes(name));
  }

  async function start() {
    if (!person().id) return;
    for (const form of document.querySelectorAll("form[data-draft]")) {
      if (beginnings.has(form)) continue;
      beginnings.set(form, JSON.stringify(words(form)));
      form.addEventListener("input", () => later(form));
      form.addEventListener("change", () => later(form));
      form.addEventListener("yihu:kept", () => done(form));
      const draft = await get(place(form), "drafts");
      // A page that says what is wrong has the words already.
      if (draft && !form.querySelector(".notice.bad")) offer(form, draft);
    }
    await tidy();
  }

  function later(form) {
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => keep(form).catch(() => {}), PAUSE));
  }

  async function keep(form) {
    if (!form.isConnected || form.dataset.sent) return;
    form.querySelector(".draft")?.remove();
    const now = words(form);
    if (JSON.stringify(now) === beginnings.get(form) && !form.querySelector(".notice.bad")) await remove(place(form), "drafts");
    else await set(place(form), { words: now, at: Date.now() }, "drafts");
  }

  function done(form) {
    clearTimeout(timers.get(form));
    remove(place(form), "drafts").catch(() => {});
  }

  function offer(form, draft) {
    const box = notice("warn", "pencil", el("p", {}, word("draft", { at: when(draft.at) })),
      el("div", { class: "buttons" },
        el("button", { type: "button", class: "secondary", onclick: () => { saving.fill(form, draft.words); box.remove(); form.querySelector("textarea, input:not([type=hidden])")?.focus(); later(form); } }, word("draft-go-on")),
        el("button", { type: "button", class: "quiet", onclick: () => { done(form); box.remove(); } }, word("draft-drop"))));
    box.classList.add("draft");
    form.prepend(box);
  }

  async function tidy() {
    const db = await open();
    for (const key of await db.getAllKeys("drafts"))
      if ((await db.get("drafts", key)).at < Date.now() - KEPT_FOR) await db.delete("drafts", key);
  }

  const begin = () => start().catch((error) => console.info("drafts:", error));
  document.addEventListener("DOMContentLoaded", begin);
  document.addEventListener("yihu:shown", begin);
})();
