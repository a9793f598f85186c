/* What the phone keeps: one database of its own for entries, drafts and the pack; and the words that scripts say. */
"use strict";

window.yihu = (() => {
  const NAME = "yihu", PATIENCE = 10000;
  let opened = null, wiped = false;

  function open() {
    if (wiped) return Promise.reject(new Error("wiped"));
    if (!opened) {
      opened = within(PATIENCE, window.idb.openDB(NAME, 1, { upgrade, blocking: close, terminated: forget }));
      opened.catch(forget);
    }
    return opened;
  }

  function upgrade(db) {
    db.createObjectStore("entries", { keyPath: "id" }).createIndex("seq", "seq");
    for (const name of ["meta", "drafts", "pages", "households"]) db.createObjectStore(name);
  }

  function forget() { opened = null; }

  /* Another tab wants to throw the database away: it must not wait for us. */
  async function close() {
    const db = opened;
    forget();
    (await db)?.close();
  }

  /* A browser that keeps no database may also never say so. */
  function within(time, promise) {
    let timer;
    const late = new Promise((_, fail) => { timer = setTimeout(() => fail(new Error("too late")), time); });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  async function get(name, store = "meta") { return (await open()).get(store, name); }
  async function set(name, value, store = "meta") { return (await open()).put(store, value, name); }
  async function remove(name, store = "meta") { return (await open()).delete(store, name); }

  /* The phone's name for itself: random, made once. Two tabs that ask at the same time get the same one. */
  async function device() {
    const transaction = (await open()).transaction("meta", "readwrite");
    const name = await transaction.store.get("device") || uuid();
    await transaction.store.put(name, "device");
    await transaction.done;
    return name;
  }

  /* Nothing of this page may make it again afterwards. */
  async function wipe() {
    wiped = true;
    await close();
    await within(PATIENCE, window.idb.deleteDB(NAME));
  }

  /* crypto.randomUUID does not exist on plain http. */
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  /* Whose page this is. */
  function person() {
    const { user, name, role } = document.body.dataset;
    return { id: user || "", name: name || "", role: role || "" };
  }

  /* A sentence of templates/sync/_words.html, in the reader's language. */
  function word(name, given = {}) {
    const found = document.getElementById("words")?.content.querySelector(`[data-word="${name}"]`)?.textContent || name;
    return found.replace(/%\((\w+)\)s/g, (_, key) => given[key] ?? "");
  }

  /* An element: el("p", { class: "soft" }, "words", another). */
  function el(tag, given = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...inside.filter((one) => one !== null && one !== ""));
    return made;
  }

  function icon(name) {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg"), use = document.createElementNS(space, "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
    svg.append(use);
    return svg;
  }

  /* A box with a sign and sentences: kind is good, warn or bad. */
  function notice(kind, sign, ...inside) {
    const role = kind === "bad" ? "alert" : "status";
    return el("div", { class: `notice ${kind}`, role }, icon(sign), el("div", {}, ...inside));
  }

  /* The committee's clock is Beijing's, wherever the phone thinks it is. */
  function local(moment) { return new Date(moment + 8 * 3600e3).toISOString(); }
  function day(moment = Date.now()) { return local(moment).slice(0, 10); }
  function hour(moment) { return local(moment).slice(11, 16); }
  function when(moment) { return day(moment) === day() ? hour(moment) : `${day(moment).slice(5)} ${hour(moment)}`; }

  /* Only a path of this site is ever gone to. */
  function inside(path) {
    try {
      const url = new URL(path, location.href);
      return path && url.origin === location.origin ? url.pathname + url.search + url.hash : "";
    } catch { return ""; }
  }

  return {
    open, close, wipe, get, set, remove, device, within, uuid, person, word, el, icon, notice, day, hour, when, inside,
  };
})();
