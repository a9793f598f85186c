/* What is not sent yet, where one looks: the number on 我的, and a word on the page that an entry is about. */
"use strict";

(() => {
  const { outbox, person, word, el, notice, when } = window.yihu;

  async function show() {
    const entries = await outbox.all(), waiting = entries.filter((entry) => outbox.UNSENT.includes(entry.state));
    badge(waiting.length);
    here(entries.filter((entry) => entry.owner === person().id && entry.then === location.pathname && isMissing(entry)));
  }

  /* A page out of the pocket does not have what was delivered since it was packed. */
  function isMissing(entry) {
    return entry.state === "delivered" ? window.yihu.drawnFrom && entry.delivered_at > window.yihu.drawnFrom : true;
  }

  function badge(n) {
    const link = document.querySelector(".rail .who");
    if (!link) return;
    link.querySelector(".count")?.remove();
    if (n) link.append(el("b", { class: "count" }, String(n), el("span", { class: "sr" }, ` ${word("unsent")}`)));
  }

  /* One comes back to the door, and what was just saved is not on its page yet. */
  function here(entries) {
    document.getElementById("kept-here")?.remove();
    if (!entries.length || !document.querySelector("main > .top")) return;
    const rows = entries.map((entry) => el("p", {}, el("b", {}, entry.label), ` ${when(entry.made_at)} · `, word(`state-${entry.state}`)));
    const unsent = entries.some((entry) => entry.state !== "delivered");
    const more = el("p", {}, unsent ? word("kept-here") : "", " ", el("a", { href: "/m/outbox" }, word("outbox")));
    const box = notice("warn", "clock", ...rows, more);
    box.id = "kept-here";
    document.querySelector("main > .top").after(box);
  }

  /* What came of entries that nobody waited for. */
  function tell(event) {
    const gone = event.detail.filter((entry) => entry.state === "delivered").length;
    const back = event.detail.filter((entry) => ["returned", "clash"].includes(entry.state)).length;
    // The list says it itself, and whoever just saved is told by the page.
    if (document.querySelector("form[data-sent], #outbox")) return;
    if (back) say(word("some-returned", { n: back })); else if (gone) say(word("some-sent", { n: gone }));
  }

  const start = () => show().catch((error) => console.info("outbox:", error));
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("yihu:outbox", start);
  document.addEventListener("yihu:shown", start);
  document.addEventListener("yihu:sent", tell);
})();
