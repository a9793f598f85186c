/* What the phone keeps: one database of its own for entries, drafts and the pack; and the words that scripts say. */
"use strict";

window.yihu = (() => {
  const LONGEST_SIDE = 1280, NAME = "yihu", PATIENCE = 10000;
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

  /* A photo as large as anybody needs it, without where it was taken; what can't be read goes as it is. */
  async function smaller(file) {
    try {
      const canvas = painted(await createImageBitmap(file, { imageOrientation: "from-image" }));
      const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
      if (!blob || (blob.size >= file.size && file.type === "image/jpeg")) return { file, canvas };
      return { file: new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" }), canvas };
    } catch {
      // Not a picture, or one that this browser can't read: the server says so by its name.
      return { file, canvas: null };
    }
  }

  function painted(bitmap) {
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    const brush = canvas.getContext("2d");
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
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
    open, close, wipe, get, set, remove, device, within, uuid, person, word, el, icon, notice, day, hour, when, inside, smaller,
  };
})();
