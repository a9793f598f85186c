/* The own patch in the pocket: fetched while there is a network, and drawn inside /m/shell when there is none. */
"use strict";

(() => {
  const { open, get, set, outbox, person, word, el, icon, uuid, day } = window.yihu;
  const EVERY = 10 * 60000, GOOD_FOR = 7 * 24 * 3600e3;
  // A building head needs three taps, with a signal or without.
  const HEADS = ["/report", "/report/new?kind=visitor", "/report/new?kind=tenant", "/report/new?kind=odd", "/my-building"];
  const SHEET = /^\/p\/([\w-]{22})$/;
  const shell = document.getElementById("pocket");

  async function start() {
    if (!person().id) return;
    if (shell) { await draw(); return; }
    await changeHands();
    // Whoever only looks has no frame to draw in.
    if (!window.isSecureContext || !navigator.serviceWorker || person().role === "street_viewer") return;
    await serve();
    if (person().role === "grid_worker") await fetchPack();
  }

  /* ---- keeping ---- */

  /* Whose phone is it now? What was packed for somebody else goes. */
  async function changeHands() {
    const before = await get("person");
    if (before && before !== person().id) {
      await empty();
      navigator.serviceWorker?.controller?.postMessage({ forget: true });
    }
    await set("person", person().id);
  }

  async function empty() {
    const transaction = (await open()).transaction(["meta", "pages", "households"], "readwrite");
    for (const one of ["pack", "editions"]) await transaction.objectStore("meta").delete(one);
    await transaction.objectStore("pages").clear();
    await transaction.objectStore("households").clear();
    await transaction.done;
  }

  /* The service worker, and in its stock the pages and files of this person and this edition of the site. */
  async function serve() {
    await navigator.serviceWorker.register("/sw.js");
    const worker = (await navigator.serviceWorker.ready).active;
    const files = [...document.querySelectorAll("script[src], link[rel=stylesheet]")].map((one) => one.src || one.href);
    const edition = window.sha256([person().id, document.documentElement.lang, ...files.filter((file) => /\/js\/|yihu\.css/.test(file))].join("\n"));
    if (await get("stocked") === edition) return;
    const channel = new MessageChannel();
    channel.port1.onmessage = () => set("stocked", edition).catch(() => {});
    const copies = person().role === "building_head" ? HEADS : [];
    worker.postMessage({ stock: true, copies }, [channel.port2]);
  }

  async function fetchPack() {
    const kept = await get("pack");
    if (kept && Date.now() - kept.asked < EVERY) return;
    const headers = kept?.etag ? { "If-None-Match": kept.etag } : {};
    const answer = await fetch("/m/pack", { headers, credentials: "same-origin", redirect: "manual", cache: "no-store" });
    if (answer.status === 304 && kept) await set("pack", { ...kept, asked: Date.now(), checked: Date.now() });
    // The patch, the account or the login ended: nothing stays in the pocket.
    if ([401, 403].includes(answer.status) || answer.type === "opaqueredirect") await empty();
    if (answer.status === 200) await unpack(await answer.json(), answer.headers.get("ETag"));
  }

  /* A record for every door, so that opening one reads one. */
  async function unpack(pack, etag) {
    if (pack.user !== person().id) return;
    const transaction = (await open()).transaction(["meta", "pages", "households"], "readwrite");
    const [meta, pages, households] = ["meta", "pages", "households"].map((name) => transaction.objectStore(name));
    pages.clear();
    households.clear();
    for (const [path, html] of Object.entries(pack.pages)) pages.put(html, path);
    const buildings = Object.entries(pack.pages).filter(([path]) => path.startsWith("/buildings/")).map(([path, html]) => [path, heading(html)]);
    for (const [name, html] of Object.entries(pack.forms)) pages.put(html, `form ${name}`);
    for (const [id, door] of Object.entries(pack.households)) households.put(door, id);
    meta.put(pack.editions || {}, "editions");
    meta.put({ user: pack.user, at: pack.at, version: pack.version, etag, asked: Date.now(), checked: Date.now(), n: Object.keys(pack.households).length, buildings }, "pack");
    await transaction.done;
    document.dispatchEvent(new CustomEvent("yihu:packed"));
  }

  function heading(html) {
    const box = document.createElement("template");
    box.innerHTML = html;
    return box.content.querySelector("h1")?.textContent.trim().replace(/\s+/g, " ") || "";
  }

  /* ---- drawing ---- */

  async function draw() {
    const path = location.pathname === "/" ? "/today" : location.pathname.replace(/\/$/, "");
    const pack = await get("pack");
    const mine = pack && pack.user === person().id && await get("person") === person().id && Date.now() - pack.checked < GOOD_FOR;
    window.yihu.drawnFrom = mine ? Date.parse(pack.at) : 0;
    const html = mine ? await page(path) : "";
    if (html) await put(html, path); else if (mine && path === "/today") shell.replaceWith(el("header", { class: "top" }, el("h1", {}, word("today")))); else missing(mine);
    if (mine && !/^\/(households|buildings|p)\//.test(path)) document.querySelector("main").append(buildings(pack));
    banner(mine ? pack : null);
    mark(path);
    document.dispatchEvent(new CustomEvent("yihu:shown"));
  }

  async function page(path) {
    const [, token] = SHEET.exec(path) || [];
    if (token) return onSheet(await get((await get("editions"))?.[token] || "", "households"));
    const [, id, form] = /^\/households\/([^/]+)(?:\/(visits\/new|edit))?$/.exec(path) || [];
    if (!id) return get(path, "pages");
    const door = await get(id, "households");
    if (!door || !form) return door?.page;
    const empty = await get(form === "edit" ? "form household" : "form visit", "pages");
    return empty && { html: forDoor(empty, id, door), door };
  }

  /* The QR code of a printed sheet: its household, but nothing to compare the sheet with. */
  function onSheet(door) {
    const words = el("p", { class: "notice warn", role: "status" }, icon("qr-code"), word("sheet-offline")).outerHTML;
    return door && door.page.replace("</header>", `</header>${words}`);
  }

  /* The forms are drawn for the door @, whose number is @code. */
  function forDoor(html, id, door) {
    const code = el("i", {}, door.code).innerHTML.replaceAll('"', "&quot;");
    return html.replaceAll("@code", code).replace(/\/@(?=[/"'?#])/g, `/${id}`);
  }

  async function put(found, path) {
    shell.innerHTML = found.html || found;
    const form = shell.querySelector("form[data-outbox]");
    if (found.door && form) await fit(form, found.door, path.endsWith("/edit"));
    document.title = `${shell.querySelector("h1")?.textContent || word("offline")} · ${document.title.split(" · ").at(-1)}`;
    // The page's own children stand directly in <main>, as they do when the server draws it.
    shell.replaceWith(...shell.childNodes);
    window.htmx?.process?.(document.querySelector("main"));
  }

  async function fit(form, door, edits) {
    const key = form.elements.namedItem("key") || form.appendChild(el("input", { type: "hidden", name: "key" }));
    key.value = uuid();
    if (edits) window.yihu.saving.fill(form, [...Object.entries(door.fields), ["version", door.version]].map(([name, value]) => [name, sent(value)]));
    else residents(form, door.residents || []);
    if (edits) await goOnFrom(form);
    for (const [name, value] of new URLSearchParams(location.search)) ask(form, name, value);
    keepKey(key);
  }

  /* An edit of this door that still waits: what is typed now comes on top of it. */
  async function goOnFrom(form) {
    const here = (one) => one.state === "waiting" && one.owner === person().id && one.url === form.getAttribute("action");
    const before = (await outbox.all()).filter(here).at(-1);
    if (!before) return;
    window.yihu.saving.fill(form, before.fields.filter(([name]) => name !== "version"));
    form.dataset.on = before.id;
  }

  /* …/visits/new?kind=talk: the link that led here says what is wanted. */
  function ask(form, name, value) {
    const wanted = [...form.elements].find((field) => field.name === name && field.value === value && field.matches("[type=radio], [type=checkbox]"));
    if (!wanted) return;
    wanted.checked = true;
    if (wanted.closest("details")) wanted.closest("details").open = true;
  }

  /* A value as the form sends it. */
  function sent(value) { return typeof value === "boolean" ? String(Number(value)) : String(value ?? ""); }

  /* 见到谁: the people of this door. */
  function residents(form, people) {
    let box = form.querySelector("fieldset#met");
    if (!people.length) { box?.remove(); return; }
    if (!box) {
      box = el("fieldset", { id: "met", class: "chips" }, el("legend", {}, word("met")));
      const place = form.querySelector("[data-residents]"), before = form.querySelector("details .field, .sticky-save");
      if (place) place.append(box); else if (before) before.before(box); else form.append(box);
    }
    box.querySelectorAll("input, label").forEach((one) => one.remove());
    for (const [id, name] of people)
      box.append(el("input", { type: "checkbox", name: "met", id: `met-${id}`, value: id }), el("label", { for: `met-${id}` }, name));
  }

  function missing(mine) {
    const sentence = el("p", {}, word(mine ? "not-packed" : "no-pack"));
    const links = el("div", { class: "buttons" },
      mine ? el("a", { role: "button", href: "/today" }, icon("calendar-check"), word("today")) : "",
      el("a", { role: "button", class: "secondary", href: location.href }, icon("refresh-cw"), word("again")),
      el("a", { role: "button", class: "quiet", href: "/m/outbox" }, word("outbox")));
    shell.replaceChildren(el("section", { class: "trouble" }, el("h1", {}, word("offline-title")), sentence, links));
  }

  /* Without a signal there is no map: the buildings as a list. */
  function buildings(pack) {
    const rows = pack.buildings.map(([path, title]) => el("li", {}, el("a", { class: "whole", href: path }, icon("building-2"), el("span", { class: "name" }, title))));
    return el("section", {}, el("h2", {}, word("packed-buildings")), el("ul", { class: "rows" }, ...rows));
  }

  /* 离线 · 资料是 08:15 的 */
  function banner(pack) {
    const at = pack?.at?.slice(11, 16), on = pack?.at?.slice(0, 10);
    const words = pack ? word("offline-since", { at: on === day() ? at : `${on.slice(5)} ${at}` }) : word("offline");
    document.querySelector("main").prepend(el("p", { class: "offline", role: "status" }, icon("wifi-off"), words));
  }

  /* The bar shows where one is, as it does when the server draws it. */
  function mark(path) {
    for (const link of document.querySelectorAll(".rail a:not(.brand, .who)"))
      if (link.getAttribute("href") === path) link.setAttribute("aria-current", "page");
  }

  const begin = () => start().catch((error) => console.info("pocket:", error));
  document.addEventListener("DOMContentLoaded", begin);
})();
