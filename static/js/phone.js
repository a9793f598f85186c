/* 这台手机: what it can do, one sentence each, and what to do where it can't. And the button that installs the page. */
"use strict";

(() => {
  const { open, get, outbox, person, word, el, icon, day } = window.yihu;
  let installing = null;

  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installing = event;
    offer();
  });

  /* 安装到桌面: shown where the browser offers it. */
  function offer() {
    for (const button of document.querySelectorAll("[data-install]")) {
      button.hidden = !installing;
      button.onclick = async () => {
        await installing.prompt();
        installing = null;
        offer();
      };
    }
  }

  /* Each: name, whether all is well (null: neither), the sentence, and the next step where there is one. */
  async function checks() {
    return [await connection(), await offlinePages(), await storage(), await room(), installed(), await pack(), await queue()];
  }

  function connection() {
    const secure = window.isSecureContext;
    return [word("check-secure"), secure, word(secure ? "secure-yes" : "secure-no")];
  }

  async function offlinePages() {
    if (!navigator.serviceWorker) return [word("check-pages"), false, word("pages-no")];
    const ready = Boolean(navigator.serviceWorker.controller || (await navigator.serviceWorker.getRegistration())?.active);
    return [word("check-pages"), ready, word(ready ? "pages-yes" : "pages-soon")];
  }

  async function storage() {
    try {
      await open();
      return [word("check-storage"), true, word("storage-yes")];
    } catch { return [word("check-storage"), false, word("storage-no")]; }
  }

  async function room() {
    if (!navigator.storage?.estimate) return [word("check-room"), null, word("room-unknown")];
    const { quota, usage } = await navigator.storage.estimate();
    const free = Math.round((quota - usage) / 1e6), kept = await navigator.storage.persisted();
    return [word("check-room"), free > 50, `${word("room-free", { n: free })}${word(kept ? "room-kept" : "room-not-kept")}`];
  }

  function installed() {
    const yes = matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
    return [word("check-installed"), yes || null, word(yes ? "installed-yes" : "installed-no")];
  }

  async function pack() {
    const kept = await get("pack").catch(() => null);
    if (person().role !== "grid_worker") return [word("check-pack"), null, word("pack-not-for-you")];
    if (!kept || kept.user !== person().id) return [word("check-pack"), false, word("pack-none")];
    const at = `${kept.at.slice(0, 10) === day() ? "" : `${kept.at.slice(5, 10)} `}${kept.at.slice(11, 16)}`;
    return [word("check-pack"), true, word("pack-yes", { n: kept.n, at })];
  }

  async function queue() {
    const n = (await outbox.unsent().catch(() => [])).length;
    return [word("check-queue"), !n, n ? word("queue-some", { n }) : word("all-sent"), n ? el("a", { href: "/m/outbox" }, word("outbox")) : ""];
  }

  async function draw() {
    offer();
    const place = document.getElementById("checks");
    if (!place) return;
    const rows = (await checks()).map(([name, well, sentence, more = ""]) => {
      const sign = well === null ? ["info", "neither", "mark-neither"] : well ? ["circle-check", "well", "mark-well"] : ["alert-triangle", "unwell", "mark-unwell"];
      return el("li", { class: `check ${sign[1]}` }, icon(sign[0]),
        el("div", {}, el("b", {}, name), " ", el("span", { class: "mark" }, word(sign[2])), el("p", { class: "soft" }, sentence, " ", more)));
    });
    place.replaceChildren(...rows);
  }

  const start = () => draw().catch((error) => console.info("phone:", error));
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("yihu:outbox", start);
  document.addEventListener("yihu:packed", start);
  navigator.serviceWorker?.addEventListener("controllerchange", start);
})();
