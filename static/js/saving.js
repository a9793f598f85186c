/* What happens at 保存: a form with data-outbox becomes an entry of the outbox, and the page goes on or says why not. */
"use strict";

window.yihu.saving = (() => {
  const { outbox, device, person, word, el, icon, notice, day, uuid, inside, within, smaller } = window.yihu;
  const GRACE = 4000, STORING = 10000;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-outbox]") || !person().id) return;
    // Before htmx and the browser have it: nothing may be sent that is not written down.
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    const submitter = event.submitter;
    submitter?.setAttribute("aria-busy", "true");
    save(form, submitter).finally(() => {
      submitter?.removeAttribute("aria-busy");
      delete form.dataset.sent;
    });
  }, true);

  async function save(form, submitter) {
    let entry;
    try {
      entry = await written(form, submitter);
    } catch (error) {
      console.info("outbox:", error);
      if (error.name === "Leaving") complain(form, word("leaving"));
      else ordinarily(form, submitter);
      return;
    }
    if (!entry) return;
    form.dispatchEvent(new CustomEvent("yihu:kept", { bubbles: true }));
    outbox.persist().catch(() => {});
    await goOn(form, entry);
  }

  /* The entry as it lies in the outbox now, or nothing where the form was answered before. */
  async function written(form, submitter) {
    for (;;) {
      const patience = STORING + form.querySelectorAll("[type=file]").length * STORING;
      const entry = await within(patience, read(form, submitter));
      if (await answeredBefore(form, entry)) return null;
      try {
        if (await within(STORING, outbox.put(entry, form.dataset.mends))) return entry;
      } catch (error) {
        // It goes another way now: what may still be written must not go as well.
        outbox.remove(entry.id).catch(() => {});
        throw error;
      }
      // The key is another entry's: of somebody else, or one that came back. Both stay.
      renew(form);
    }
  }

  /* No database (a private window, a full phone): the form goes the way it went before there was an outbox. */
  function ordinarily(form, submitter) {
    say(word("cannot-keep"));
    if (submitter?.name) form.append(el("input", { type: "hidden", name: submitter.name, value: submitter.value }));
    HTMLFormElement.prototype.submit.call(form);
  }

  /* ---- a form becomes an entry ---- */

  async function read(form, submitter) {
    const sent = pairs(form, submitter);
    const key = sent.find(([name]) => name === "key")?.[1] || uuid();
    const fields = sent.filter(([name, value]) => name !== "csrf_token" && name !== "key" && typeof value === "string");
    const entry = {
      id: key, owner: person().id, owner_name: person().name, device: await device(),
      url: inside(form.getAttribute("action")) || location.pathname, then: inside(form.dataset.then) || "/m/outbox",
      label: form.dataset.label || document.title.split(" · ")[0],
      fields: [["key", key], ...fields], files: await files(sent), words: words(form),
      on: form.dataset.on || "", ...await when(form), state: "waiting", tries: 0, next_at: 0, reason: "", page: "", answer: "",
      delivered_at: null,
    };
    return { ...entry, said: fingerprint(entry) };
  }

  /* What is mended happened when it was first written down. */
  async function when(form) {
    const first = form.dataset.mends && await outbox.find(form.dataset.mends);
    return { made_at: first?.made_at || Date.now(), day: first?.day || day() };
  }

  function pairs(form, submitter) {
    const given = [...new FormData(form)];
    return submitter?.name ? [...given, [submitter.name, submitter.value]] : given;
  }

  function fingerprint(entry) {
    const files = entry.files.map(({ field, blob }) => [field, blob.size]);
    return window.sha256(JSON.stringify([entry.url, entry.fields, files]));
  }

  async function files(sent) {
    const chosen = sent.filter(([, value]) => value instanceof File && value.size);
    return Promise.all(chosen.map(async ([field, file]) => {
      const { file: blob } = file.type.startsWith("image/") ? await smaller(file) : { file };
      return { field, name: blob.name, type: blob.type, blob };
    }));
  }

  /* What somebody would read out of the form: label and words, for the list and for paper. */
  function words(form) {
    const rows = new Map();
    for (const field of form.elements) {
      const text = spoken(field);
      if (!text) continue;
      const label = title(field);
      rows.set(label, rows.has(label) ? `${rows.get(label)}${word("comma")}${text}` : text);
    }
    return [...rows];
  }

  function spoken(field) {
    if (!field.name || field.matches("[type=hidden], [type=password], button, fieldset, :disabled")) return "";
    if (field.matches("[type=radio], [type=checkbox]")) return field.checked ? legend(field) ? own(field) : "✓" : "";
    if (field.matches("select")) return [...field.selectedOptions].filter((o) => o.value).map((o) => o.text).join(" ");
    if (field.matches("[type=file]")) return [...field.files].map((file) => file.name).join(" ");
    return field.value.trim();
  }

  function title(field) {
    return field.matches("[type=radio], [type=checkbox]") && legend(field) || own(field) || field.name;
  }
  function own(field) { return field.labels?.[0]?.textContent.trim().replace(/\s+/g, " ") || ""; }
  function legend(field) {
    return field.closest("fieldset")?.querySelector("legend")?.textContent.trim().replace(/\s+/g, " ") || "";
  }

  /* ---- a key that was used before ---- */

  /* A form one came back to: the same words need no second sending, other words are no longer the same entry.
     A page that was opened afresh is a new entry, whatever key an old copy of it carries. */
  async function answeredBefore(form, entry) {
    const before = await outbox.find(entry.id);
    if (!before || before.owner !== entry.owner || ["returned", "clash"].includes(before.state)) return false;
    if (!cameBack() || before.said !== entry.said && !before.tries) return false;
    if (before.said === entry.said) {
      if (before.state === "delivered") location.assign(before.answer);
      else await goOn(form, before);
      return true;
    }
    if (before.state === "delivered" && await refusedByServer(form, entry)) return true;
    renew(form);
    complain(form, word("key-used"));
    return true;
  }

  let restored = false;
  window.addEventListener("pageshow", (event) => { restored ||= event.persisted; });
  function cameBack() { return restored || performance.getEntriesByType("navigation")[0]?.type !== "navigate"; }

  /* A copy of a page that the phone kept brings the key of an entry that went long ago. */
  async function refresh() {
    if (cameBack() || !person().id) return;
    for (const form of document.querySelectorAll("form[data-outbox]"))
      if (form.elements.namedItem("key") && await outbox.find(form.elements.namedItem("key").value)) renew(form);
  }
  document.addEventListener("DOMContentLoaded", () => refresh().catch(() => {}));

  /* The server says it better, and gives the form a new key. */
  async function refusedByServer(form, entry) {
    const answer = await outbox.post(entry);
    const found = outbox.verdict(answer.status, answer.headers, entry.id);
    if (found === "delivered") location.assign(entry.then);
    if (found === "returned" && answer.text.includes("data-outbox")) show(answer.text, entry.files);
    return found === "delivered" || found === "returned" && answer.text.includes("data-outbox");
  }

  /* A fresh key: what is saved with it is another entry. */
  function renew(form) {
    let field = form.elements.namedItem("key");
    if (!field) form.append(field = el("input", { type: "hidden", name: "key" }));
    field.value = uuid();
    remember(field);
    return field.value;
  }

  function remember(field) {
    try { sessionStorage.setItem(keyPlace(field.form), field.value); } catch { /* Not kept, then. */ }
  }

  function complain(form, sentence) {
    form.querySelector(".kept-back")?.remove();
    const box = notice("bad", "alert-triangle", el("p", {}, sentence));
    box.classList.add("kept-back");
    box.tabIndex = -1;
    form.prepend(box);
    box.focus();
  }

  /* ---- the four seconds after 保存 ---- */

  async function goOn(form, entry) {
    const mends = Boolean(form.dataset.mends);
    const now = await settled(entry.id);
    if (!now) return;
    if (now.state === "delivered") location.assign(mends ? "/m/outbox" : now.answer || now.then);
    else if (now.state === "login") location.assign(`/login?next=${encodeURIComponent(now.then)}`);
    else if (["returned", "clash"].includes(now.state)) await mendHere(form, now, mends);
    else goLater(now, mends);
  }

  async function settled(id) {
    let timer, listen;
    const told = new Promise((done) => {
      listen = async () => { if ((await outbox.find(id))?.state !== "waiting") done(); };
      document.addEventListener("yihu:outbox", listen);
      timer = setTimeout(done, GRACE);
    });
    await Promise.race([outbox.send({ now: true }), told]);
    clearTimeout(timer);
    document.removeEventListener("yihu:outbox", listen);
    return outbox.find(id);
  }

  /* It goes by itself. Without a service worker to draw the next page from the pack, this page stays and says so. */
  function goLater(entry, mends) {
    if (navigator.serviceWorker?.controller || mends) { location.assign(mends ? "/m/outbox" : entry.then); return; }
    const main = document.querySelector("main");
    const box = notice("warn", "clock", el("p", {}, el("b", {}, entry.label)), el("p", {}, word("kept")), el("p", { class: "why" }, entry.reason));
    const links = el("div", { class: "buttons" },
      el("button", { type: "button", onclick: () => outbox.send({ now: true }) }, icon("send"), word("send-now")),
      el("a", { role: "button", class: "secondary", href: entry.then }, word("go-on")),
      el("a", { role: "button", class: "quiet", href: "/m/outbox" }, word("outbox")));
    main.replaceChildren(el("header", { class: "top" }, el("h1", {}, word("kept-title"))), box, links);
    focusOn(main);
    document.addEventListener("yihu:outbox", async function arrived() {
      const now = await outbox.find(entry.id);
      if (now?.state === "waiting") { box.querySelector(".why").textContent = now.reason; return; }
      document.removeEventListener("yihu:outbox", arrived);
      location.assign(now?.state === "delivered" ? now.answer || now.then : "/m/outbox");
    });
  }

  /* Refused while one looks on: the form comes back as it was typed, to be mended right here. */
  async function mendHere(form, entry, mends) {
    if (!entry.page.includes("data-outbox")) {
      // A page without the form (not found, too large): what was typed stays where it is.
      form.dataset.mends = entry.id;
      complain(form, `${entry.reason} ${word("kept-back")}`);
      return;
    }
    const again = show(entry.page, entry.files);
    if (mends) mend(again, entry); else await outbox.remove(entry.id);
    again.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* What is saved from this form takes the entry's place, under a key of its own. */
  function mend(form, entry) {
    form.dataset.mends = entry.id;
    form.dataset.label ||= entry.label;
    renew(form);
  }

  /* The server's page in place of this one: its <main>, with the files that were chosen. Gives the form. */
  function show(html, kept = []) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const main = document.importNode(page.querySelector("main"), true);
    for (const style of page.querySelectorAll("link[rel=stylesheet]"))
      if (!document.querySelector(`link[href="${style.getAttribute("href")}"]`)) document.head.append(document.importNode(style));
    document.title = page.title;
    document.body.className = page.body.className;
    document.querySelector("main").replaceWith(main);
    const form = main.querySelector("form[data-outbox]");
    if (form) giveBack(form, kept);
    window.htmx?.process?.(main);
    document.dispatchEvent(new CustomEvent("yihu:shown"));
    focusOn(main);
    return form;
  }

  function giveBack(form, kept) {
    const key = form.elements.namedItem("key");
    if (key) remember(key);
    for (const input of form.querySelectorAll("input[type=file]")) {
      const mine = kept.filter((file) => file.field === input.name);
      const chosen = new DataTransfer();
      for (const { name, type, blob } of mine) chosen.items.add(new File([blob], name, { type }));
      if (mine.length) input.files = chosen.files;
    }
  }

  function focusOn(main) {
    const first = main.querySelector("[role=alert]") || main;
    if (first !== main) first.tabIndex = -1;
    window.scrollTo(0, 0);
    first.focus({ preventScroll: true });
  }

  /* Words into a form, by the names of its fields. */
  function fill(form, fields) {
    const names = new Set(fields.map(([name]) => name));
    for (const field of form.elements) {
      if (!names.has(field.name) && !field.matches("[type=checkbox], [type=radio], select[multiple]")) continue;
      if (field.matches("[type=file], [type=submit], button, [name=key], [name=csrf_token]")) continue;
      const given = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.matches("[type=checkbox], [type=radio]")) field.checked = given.includes(field.value);
      else if (field.matches("select[multiple]")) for (const one of field.options) one.selected = given.includes(one.value);
      else field.value = given[0];
    }
    for (const more of form.querySelectorAll("details")) more.open = true;
  }

  return { show, fill, mend, renew };
})();
