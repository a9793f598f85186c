/* 对账: the phone tells the server what it made, per day, and says where the two differ. */
"use strict";

window.yihu.reckoning = (() => {
  const { get, set, outbox, device, person, word, day } = window.yihu;
  const EVERY = 60000;
  let running = null;

  /* What this person made with this phone, and what the server said about exactly that. */
  async function account() {
    const entries = (await outbox.all()).filter((entry) => entry.owner === person().id);
    const said = await get(place());
    // An older answer is about other entries.
    const state = window.sha256(JSON.stringify(entries.map((entry) => [entry.id, entry.state]).sort()));
    return { entries, state, hash: hashOf(entries), server: said?.state === state ? said : null };
  }

  function place() { return `reckoned ${person().id}`; }
  function delivered(entries) { return entries.filter((entry) => entry.state === "delivered"); }
  function hashOf(entries) { return window.sha256(delivered(entries).map((entry) => entry.id).sort().join("\n")); }

  /* The account by days of the committee's clock, the newest first. */
  async function days() {
    const { entries, server } = await account();
    const found = [...new Set([day(), ...entries.map((entry) => entry.day)])].sort().reverse();
    return found.map((on) => of(on, entries.filter((entry) => entry.day === on), server));
  }

  /* `theirs`: how many of the day the server has; the differences by name. What only the server knows counts as today's. */
  function of(on, entries, server) {
    const held = new Set(server?.held), mine = delivered(entries);
    const onlyHere = server ? mine.filter((entry) => !held.has(entry.id)).map((entry) => entry.label) : [];
    const onlyThere = entries.filter((entry) => entry.state !== "delivered" && held.has(entry.id)).map((entry) => entry.label);
    const known = new Set(entries.map((entry) => entry.id));
    if (on === day()) onlyThere.push(...(server?.only_server || []).filter((key) => !known.has(key)).map((key) => key.slice(0, 8)));
    return {
      on, entries, mine: mine.length, open: entries.length - mine.length, waiting: entries.filter((entry) => ["waiting", "login"].includes(entry.state)).length, known: Boolean(server), hash: hashOf(entries),
      theirs: mine.length - onlyHere.length + onlyThere.length, onlyHere, onlyThere, agrees: Boolean(server) && !onlyHere.length && !onlyThere.length,
    };
  }

  /* Ask when something changed since the last answer, and else once a minute. */
  async function reckon() {
    if (!person().id) return;
    const now = await account(), told = await get(place());
    const stale = !now.server || Date.now() - now.server.at > EVERY;
    // Where nothing is left, the server must hear that once.
    if (now.entries.length ? stale : told && !now.server) await ask(now);
    await show();
    document.dispatchEvent(new CustomEvent("yihu:reckoned"));
  }

  async function ask({ entries, state, hash }) {
    const name = await device();
    const told = entries.map((entry) => [entry.id, entry.state, entry.label, new Date(entry.made_at).toISOString()]);
    try {
      const answer = await fetch("/m/reckoning", {
        method: "POST", credentials: "same-origin", cache: "no-store", redirect: "manual",
        headers: { "Content-Type": "application/json", "Outbox-Device": name },
        body: JSON.stringify({ device: name, name: phone(), entries: told, hash }),
      });
      if (!answer.ok) return;
      const { held, only_server, hash: theirs } = await answer.json();
      if (Array.isArray(held)) await set(place(), { at: Date.now(), state, held, only_server: only_server || [], hash: theirs });
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
  function sentence({ mine, theirs, open, waiting, known, agrees }) {
    const counted = known ? word("reckoning", { mine, sign: agrees ? "=" : "≠", theirs }) : word("reckoning-offline", { mine });
    const more = [waiting ? word("and-waiting", { n: waiting }) : "", open > waiting ? word("and-returned", { n: open - waiting }) : ""];
    return [counted, ...more].filter(Boolean).join(" ");
  }

  async function show() {
    const places = document.querySelectorAll("[data-reckoning]");
    if (!places.length || !person().id) return;
    const [today] = await days();
    for (const one of places) {
      // Where nothing was saved with this phone, what the server wrote there stands.
      if (today.entries.length || !one.textContent.trim()) one.textContent = today.entries.length ? sentence(today) : word("reckoning-nothing");
      one.classList.toggle("differs", today.known && !today.agrees);
    }
  }

  /* One at a time: a page that opens and an entry that arrives ask together. */
  function start() {
    running = (running || Promise.resolve()).then(() => reckon()).catch((error) => console.info("reckoning:", error));
    return running;
  }

  const draw = () => show().catch(() => {});
  document.addEventListener("DOMContentLoaded", draw);
  document.addEventListener("yihu:shown", draw);
  document.addEventListener("yihu:outbox", draw);
  document.addEventListener("yihu:sent", () => start());
  return { days, sentence, start };
})();
