/* 对账: the phone tells the server what it made, per day, and says where the two differ. */
"use strict";

window.yihu.reckoning = (() => {
  const { get, set, outbox, device, person, word, day } = window.yihu;
  const EVERY = 60000;
  let running = null;

  /* The days of which this person has entries here, the newest first, with what was last found out about each. */
  async function days() {
    const entries = (await outbox.all()).filter((entry) => entry.owner === person().id);
    const found = [...new Set([day(), ...entries.map((entry) => entry.day)])].sort().reverse();
    return Promise.all(found.map(async (on) => account(on, entries.filter((entry) => entry.day === on))));
  }

  async function account(on, entries) {
    const delivered = entries.filter((entry) => entry.state === "delivered").map((entry) => entry.id).sort();
    const hash = window.sha256(delivered.join("\n"));
    const said = await get(place(on));
    const state = JSON.stringify(entries.map((entry) => [entry.id, entry.state]).sort());
    // An older answer is about another number of entries.
    return { on, entries, delivered, hash, state, server: said?.state === state ? said : null };
  }

  function place(on) { return `reckoned ${person().id} ${on}`; }

  /* Ask about every day that changed since, and about today once a minute. */
  async function reckon({ now = false } = {}) {
    if (!person().id) return;
    for (const one of await days()) {
      if (!one.entries.length) continue;
      const fresh = one.server && (one.on !== day() || Date.now() - one.server.at < EVERY);
      if (now || !fresh) await ask(one);
    }
    await show();
  }

  async function ask(one) {
    try {
      const answer = await fetch("/m/reckoning", {
        method: "POST", credentials: "same-origin", cache: "no-store", redirect: "manual",
        headers: { "Content-Type": "application/json", "Outbox-Owner": person().id, "Outbox-Device": await device() },
        body: JSON.stringify({
          device: await device(), name: phone(), day: one.on, hash: one.hash,
          entries: one.entries.map((entry) => [entry.id, entry.state, entry.label, entry.made_at]),
        }),
      });
      if (!answer.ok) return;
      const { held, hash, agree } = await answer.json();
      if (!Array.isArray(held)) return;
      await set(place(one.on), { at: Date.now(), state: one.state, held, hash, agree });
    } catch { /* No network, or somebody else's page: what was known stays. */ }
  }

  /* What a person would call this phone. */
  function phone() {
    const agent = navigator.userAgent;
    const system = /iPhone|iPad|Android|HarmonyOS|Windows|Mac OS|Linux/.exec(agent)?.[0] || "";
    const model = /Android [\d.]+; ([^;)]+)/.exec(agent)?.[1] || "";
    return [system, model].filter(Boolean).join(" ").slice(0, 60);
  }

  /* 本机 9 = 服务器 9 */
  function sentence({ entries, delivered, server }) {
    const open = entries.filter((entry) => entry.state !== "delivered").length;
    const mine = delivered.length, more = open ? ` ${word("and-unsent", { n: open })}` : "";
    if (!server) return entries.length && !delivered.length ? word("reckoning-none", { n: open }) : word("reckoning-offline", { mine }) + more;
    const sign = agrees({ delivered, server }) ? "=" : "≠";
    return word("reckoning", { mine, sign, theirs: server.held.length }) + more;
  }

  function agrees({ delivered, server }) {
    return server.held.length === delivered.length && delivered.every((id) => server.held.includes(id));
  }

  async function show() {
    const places = document.querySelectorAll("[data-reckoning]");
    if (!places.length || !person().id) return;
    const today = (await days())[0];
    for (const one of places) {
      const nothing = !today.entries.length;
      one.textContent = nothing ? word("reckoning-nothing") : sentence(today);
      one.classList.toggle("differs", Boolean(today.server) && !agrees(today));
    }
  }

  /* One at a time: a page that opens and an entry that arrives ask together. */
  function start(options) {
    running = (running || Promise.resolve()).then(() => reckon(options)).catch((error) => console.info("reckoning:", error));
    return running;
  }

  const draw = () => show().catch(() => {});
  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("yihu:shown", draw);
  document.addEventListener("yihu:outbox", draw);
  document.addEventListener("yihu:sent", () => start());
  return { days, sentence, agrees, start };
})();
