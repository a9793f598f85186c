/* The outbox: what was saved on this phone and is on its way. docs/phone.md says what each answer means. */
"use strict";

window.yihu.outbox = (() => {
  const { open, get, set, device, person, word, day, inside } = window.yihu;
  const KEPT_DAYS = 8, LEASE = 30000, BEAT = 10000, PATIENCE = 25000, BYTES_A_SECOND = 10000, STEAL_AFTER = 120000, LEAVING = 30000, PATIENT = 5;
  const UNSENT = ["waiting", "login", "returned", "clash"];
  // Two tabs that were copied from one another share a session storage, so a tab's name is made anew.
  const tab = window.yihu.uuid();
  const line = window.BroadcastChannel ? new BroadcastChannel("yihu outbox") : null;

  /* What an answer says about the entry `key`. Anything that does not name the entry says nothing about it. */
  function verdict(status, headers, key) {
    const named = (name) => headers?.get?.(name) === key;
    if (status === 201) return named("Receipt-Key") ? "delivered" : "waiting";
    if (!named("Outbox-Key") || status < 400 || status === 429 || status >= 500) return "waiting";
    return { 401: "login", 409: "clash", 423: "owner" }[status] || "returned";
  }

  /* ---- the entries ---- */

  async function all() { return (await open()).getAllFromIndex("entries", "seq"); }
  async function find(id) { return (await open()).get("entries", id); }
  async function unsent() { return (await all()).filter((entry) => UNSENT.includes(entry.state)); }

  /* Written down for good before anything else happens; `instead` is the entry it takes the place of.
     Says whether it was: an entry that was tried, came back or is somebody else's is never overwritten. */
  async function put(entry, instead) {
    const transaction = (await open()).transaction(["entries", "meta"], "readwrite", { durability: "strict" });
    const [entries, meta] = ["entries", "meta"].map((name) => transaction.objectStore(name));
    if (await meta.get("leaving") > Date.now() - LEAVING) throw leaving();
    const there = await entries.get(entry.id);
    const free = !there || there.id === instead || there.owner === entry.owner && there.state === "waiting" && !there.tries;
    if (free) {
      const last = await entries.index("seq").openCursor(null, "prev");
      if (instead) await entries.delete(instead);
      await entries.put({ ...entry, seq: (last?.value.seq || 0) + 1 });
    }
    await transaction.done;
    if (free) tell();
    return free;
  }

  /* Nothing is written down any more from here on, if nothing waits: how many do. Ends by itself. */
  async function close() {
    const transaction = (await open()).transaction(["entries", "meta"], "readwrite", { durability: "strict" });
    const waiting = (await transaction.objectStore("entries").getAll()).filter((entry) => UNSENT.includes(entry.state));
    if (!waiting.length) await transaction.objectStore("meta").put(Date.now(), "leaving");
    await transaction.done;
    return waiting;
  }

  async function reopen() { await (await open()).delete("meta", "leaving"); }

  function leaving() { return Object.assign(new Error("somebody is logging out"), { name: "Leaving" }); }

  /* Change an entry as it stands now; one that was withdrawn meanwhile stays away. */
  async function change(id, alter) {
    const transaction = (await open()).transaction("entries", "readwrite", { durability: "strict" });
    const entry = await transaction.store.get(id);
    if (entry) {
      alter(entry);
      await transaction.store.put(entry);
    }
    await transaction.done;
    tell();
    return entry;
  }

  async function remove(id) {
    await (await open()).delete("entries", id);
    tell();
  }

  /* What was delivered stays in the count for eight days. */
  async function tidy() {
    const oldest = Date.now() - KEPT_DAYS * 24 * 3600e3;
    for (const entry of await all()) if (entry.state === "delivered" && entry.delivered_at < oldest) await remove(entry.id);
  }

  function tell() {
    document.dispatchEvent(new CustomEvent("yihu:outbox"));
    line?.postMessage("changed");
  }
  if (line) line.onmessage = () => document.dispatchEvent(new CustomEvent("yihu:outbox"));

  /* ---- one sender over all tabs ---- */

  async function alone(work) {
    if (!navigator.locks) return leased(work);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), STEAL_AFTER);
    try {
      return await navigator.locks.request("yihu outbox", { signal: patience.signal }, () => {
        clearTimeout(timer);
        return work();
      });
    } catch (error) {
      if (!patience.signal.aborted) throw error;
      // A tab that the system put to sleep with the lock in its hand would hold everybody up.
      return navigator.locks.request("yihu outbox", { steal: true }, work);
    }
  }

  /* Where there are no locks: a lease in the database, which ends by itself when its holder is gone. */
  async function leased(work) {
    while (!await lease(Date.now() + LEASE)) await pause(500);
    const beat = setInterval(() => lease(Date.now() + LEASE).catch(() => {}), BEAT);
    try { return await work(); } finally {
      clearInterval(beat);
      await lease(0);
    }
  }

  async function lease(until) {
    const transaction = (await open()).transaction("meta", "readwrite");
    const held = await transaction.store.get("lease");
    const mine = !held || held.tab === tab || held.until < Date.now();
    if (mine) await transaction.store.put({ tab, until }, "lease");
    await transaction.done;
    return mine;
  }
  window.addEventListener("pagehide", () => { if (!navigator.locks) lease(0).catch(() => {}); });

  function pause(time) { return new Promise((done) => setTimeout(done, time)); }

  /* ---- sending ---- */

  let last = Promise.resolve(), next = null, nextIsNow = false, timer = null;

  /* Send what is due; with `now` everything that waits. A call that comes while one is waiting its turn joins it. */
  function send({ now = false } = {}) {
    nextIsNow ||= now;
    if (!next) {
      next = last.then(() => {
        const all = nextIsNow;
        next = null;
        nextIsNow = false;
        return round(all);
      }).catch((error) => console.info("outbox:", error));
      last = next;
    }
    return next;
  }

  async function round(now) {
    if (!person().id) return;
    const tried = new Map();
    while (await alone(() => step(tried, now)));
    await plan();
    document.dispatchEvent(new CustomEvent("yihu:sent", { detail: [...tried.values()] }));
  }

  /* One entry. Says whether it makes sense to go on. */
  async function step(tried, now) {
    const entry = (await mine()).find((one) => !(tried.get(one.id)?.stumbled));
    if (!entry || tried.has(entry.id) || !(now || entry.next_at <= Date.now())) return false;
    const after = await attempt(entry, now);
    tried.set(entry.id, after || entry);
    return !after || after.stumbled || !["waiting", "login"].includes(after.state);
  }

  /* Only what the person of this page made is ever sent. */
  async function mine() {
    return (await all()).filter((entry) => entry.state === "waiting" && entry.owner === person().id);
  }

  async function attempt(entry, now) {
    // From here on its words are frozen: the server may have them.
    const frozen = await change(entry.id, (one) => {
      // Another tab, taken for dead, was quicker.
      if (one.state !== "waiting") return;
      one.tries += 1;
      // Somebody is there: the waiting begins anew.
      one.rests = now ? 0 : (one.rests || 0) + 1;
    });
    if (frozen?.state !== "waiting") return frozen;
    const answer = await post(frozen);
    const found = verdict(answer.status, answer.headers, entry.id);
    if (found === "delivered") await passOn(entry.id, told(answer.text).version);
    return change(entry.id, (one) => settle(one, found, answer));
  }

  /* What was typed on top of an edit that waited is an edit of the version which that one made. */
  async function passOn(id, version) {
    if (!version) return;
    for (const later of (await all()).filter((one) => one.on === id && one.state === "waiting" && !one.tries))
      await change(later.id, (one) => { one.fields = one.fields.map(([name, value]) => [name, name === "version" ? version : value]); });
  }

  async function post(entry) {
    const patience = new AbortController();
    const size = entry.files.reduce((sum, file) => sum + file.blob.size, 0);
    const timeout = setTimeout(() => patience.abort(), PATIENCE + size / BYTES_A_SECOND * 1000);
    try {
      const answer = await fetch(entry.url, {
        method: "POST", body: body(entry), redirect: "manual", cache: "no-store", credentials: "same-origin",
        signal: patience.signal,
        headers: { "Outbox-Key": entry.id, "Outbox-Owner": entry.owner, "Outbox-Device": entry.device, "Outbox-Age": age(entry) },
      });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    } catch {
      return { status: 0, headers: new Headers(), text: "" };
    } finally { clearTimeout(timeout); }
  }

  /* Seconds since it was made: by its own clock, so it does not matter whether that is right. */
  function age(entry) { return String(Math.max(0, Math.round((Date.now() - entry.made_at) / 1000))); }

  function body(entry) {
    const form = entry.files.length ? new FormData() : new URLSearchParams();
    // A browser's own form sends line ends so; the same words must look the same.
    for (const [name, value] of entry.fields) form.append(name, value.replace(/\r\n?|\n/g, "\r\n"));
    for (const { field, name, blob } of entry.files) form.append(field, blob, name);
    return form;
  }

  function settle(entry, found, answer) {
    // Once it is known to be stored, nothing that is said later counts.
    if (entry.state === "delivered") return;
    entry.stumbled = false;
    entry.reason = "";
    if (found === "delivered") deliver(entry, answer);
    else if (found === "returned" || found === "clash") refuse(entry, found, answer);
    else if (found === "login") entry.state = "login";
    else wait(entry, found, answer);
  }

  function deliver(entry, answer) {
    Object.assign(entry, {
      state: "delivered", delivered_at: Date.now(), answer: inside(told(answer.text).next) || entry.then,
      fields: [], files: [], words: [], page: "",
    });
  }

  function told(text) {
    try { return JSON.parse(text) || {}; } catch { return {}; }
  }

  function refuse(entry, found, answer) {
    Object.assign(entry, { state: found, status: answer.status, page: answer.text, reason: sentences(answer.text) });
  }

  /* Why, in the server's own words. */
  function sentences(html) {
    const main = new DOMParser().parseFromString(html, "text/html").querySelector("main");
    const said = [...main?.querySelectorAll(".error, .trouble h1, .trouble p, [role=alert] > p") || []];
    const plain = said.filter((one) => !one.querySelector("a[href^='#'], a[role=button]"));
    return [...new Set(plain.map(sentence))].slice(0, 4).join(" ");
  }

  /* 情况记录：太长了… */
  function sentence(one) {
    const label = one.closest(".field, fieldset")?.querySelector("label, legend")?.textContent.trim() || "";
    return (label ? word("about", { label }) : "") + one.textContent.trim().replace(/\s+/g, " ");
  }

  function wait(entry, found, answer) {
    const seconds = Math.min(5 * 2 ** entry.rests, 300);
    entry.next_at = Date.now() + seconds * 1000;
    entry.status = answer.status;
    // The server itself had trouble with this one, or it is the one that never gets through: others need not wait behind it.
    const trouble = answer.status === 500 && answer.headers.get("Outbox-Key") === entry.id;
    entry.stumbled = trouble || entry.tries >= PATIENT && (answer.status !== 0 || entry.files.length > 0);
    if (found === "owner") entry.reason = word("other-logged-in", { name: entry.owner_name });
    else if (entry.status === 0) entry.reason = word("no-answer");
    else if (entry.status >= 500 || entry.status === 429) entry.reason = word("server-busy");
    else entry.reason = word("not-our-server");
  }

  /* The next attempt by itself. */
  async function plan() {
    clearTimeout(timer);
    const due = Math.min(...(await mine()).map((entry) => entry.next_at));
    if (Number.isFinite(due)) timer = setTimeout(() => send(), Math.max(due - Date.now(), 1000));
  }

  /* Whoever opens a page is logged in: what waited for that waits no longer. */
  async function wake() {
    if (!person().id) return;
    await tidy();
    for (const entry of await all())
      if (entry.state === "login" && entry.owner === person().id) await change(entry.id, (one) => { one.state = "waiting"; });
    await send({ now: true });
  }

  /* Ask once that the browser does not throw our database away when the phone is full. */
  async function persist() {
    if (!navigator.storage?.persist || await get("asked to persist")) return;
    await set("asked to persist", true);
    await navigator.storage.persist();
  }

  const awake = () => wake().catch((error) => console.info("outbox:", error));
  document.addEventListener("DOMContentLoaded", awake);
  window.addEventListener("online", awake);
  window.addEventListener("pageshow", (event) => { if (event.persisted) awake(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) awake(); });

  return { verdict, all, find, unsent, put, close, reopen, change, remove, send, post, sentences, pause, persist, device, UNSENT };
})();
