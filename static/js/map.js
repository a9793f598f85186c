/* The map under the hand: drag, pinch, wheel, keys and buttons move its view box; a tap opens a building at a glance. */
"use strict";

(() => {
  const READABLE = 7.5; // pixels
  const kept = { id: "", box: null };
  let map = null, stage = null, home = null, box = null;

  function start() {
    const found = document.getElementById("map");
    if (!found || found === map) return;
    map = found;
    stage = map.parentElement;
    home = parse(map.getAttribute("viewBox"));
    map.setAttribute("preserveAspectRatio", "xMidYMid meet");
    stage.querySelector(".zoom").hidden = false;
    const id = location.pathname;
    show(kept.id === id && kept.box ? kept.box : opening());
    kept.id = id;
    if (stage.clientWidth < 700) stage.querySelector(".legend").open = false;
    listen();
  }

  function parse(text) {
    const [x, y, w, h] = text.split(" ").map(Number);
    return { x, y, w, h };
  }

  /* The whole of the patch on a wide screen; a tall one it fills as far as that keeps most buildings in sight. */
  function opening() {
    const wide = stage.clientWidth, high = stage.clientHeight;
    const contain = Math.min(wide / home.w, high / home.h);
    const cover = Math.max(wide / home.w, high / home.h);
    const views = (wide < 700 ? [1.8, 1.5, 1.25, 1] : [1]).map((closer) =>
      around(home.x + home.w / 2, home.y + home.h / 2, Math.min(cover, contain * closer)));
    return views.find((view) => share(view) > 0.6) || views.at(-1);
  }

  function share(view) {
    const spots = [...map.querySelectorAll(".houses a")].map((link) => link.getBBox());
    const seen = spots.filter((spot) => Math.abs(spot.x + spot.width / 2 - view.x - view.w / 2) < view.w / 2
      && Math.abs(spot.y + spot.height / 2 - view.y - view.h / 2) < view.h / 2);
    return spots.length ? seen.length / spots.length : 1;
  }

  function around(x, y, scale) {
    const w = stage.clientWidth / scale, h = stage.clientHeight / scale;
    return { x: x - w / 2, y: y - h / 2, w, h };
  }

  function show(next) {
    const least = Math.min(stage.clientWidth / home.w, stage.clientHeight / home.h) * 0.8;
    const scale = Math.min(Math.max(stage.clientWidth / next.w, least), 12);
    const w = stage.clientWidth / scale, h = stage.clientHeight / scale;
    const midX = clamp(next.x + next.w / 2, home.x, home.x + home.w);
    const midY = clamp(next.y + next.h / 2, home.y, home.y + home.h);
    box = kept.box = { x: midX - w / 2, y: midY - h / 2, w, h };
    map.setAttribute("viewBox", `${box.x.toFixed(2)} ${box.y.toFixed(2)} ${w.toFixed(2)} ${h.toFixed(2)}`);
    map.dataset.steps = map.dataset.sizes.split(" ").filter((size) => size * scale >= READABLE).length;
    map.classList.toggle("far", map.dataset.sign * scale < READABLE);
    // Names of blocks stay the size of a heading however near one comes.
    for (const name of map.querySelectorAll(".names text")) {
      name.dataset.size ??= name.getAttribute("font-size");
      name.setAttribute("font-size", Math.min(name.dataset.size, 26 / scale).toFixed(1));
    }
    measure(scale);
  }

  function clamp(value, low, high) { return Math.min(Math.max(value, low), high); }

  function measure(scale) {
    const bar = stage.querySelector(".bar");
    const metre = Number(map.dataset.scale) * scale;
    const power = 10 ** Math.floor(Math.log10(110 / metre));
    const metres = Math.max(...[1, 2, 5].map((n) => n * power).filter((n) => n * metre <= 110));
    // Attributes instead of styles: the page's policy allows no style of its own.
    bar.removeAttribute("hidden");
    bar.setAttribute("width", metres * metre + 2);
    bar.querySelector("path").setAttribute("d", `M1 16v4h${(metres * metre).toFixed(1)}v-4`);
    bar.querySelector("text").textContent = `${metres} m`;
  }

  function zoom(factor, clientX, clientY) {
    const rect = stage.getBoundingClientRect();
    const across = clientX === undefined ? 0.5 : (clientX - rect.left) / rect.width;
    const down = clientY === undefined ? 0.5 : (clientY - rect.top) / rect.height;
    const w = box.w / factor, h = box.h / factor;
    show({ x: box.x + (box.w - w) * across, y: box.y + (box.h - h) * down, w, h });
  }

  function move(dx, dy) {
    const scale = stage.clientWidth / box.w;
    show({ ...box, x: box.x - dx / scale, y: box.y - dy / scale });
  }

  const fingers = new Map();
  let travelled = 0;

  function listen() {
    map.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 1) travelled = 0;
    });
    map.addEventListener("pointermove", dragged);
    for (const name of ["pointerup", "pointercancel", "pointerleave"]) map.addEventListener(name, released);
    map.addEventListener("wheel", (event) => {
      event.preventDefault();
      zoom(Math.exp(-clamp(event.deltaY, -120, 120) / 300), event.clientX, event.clientY);
    }, { passive: false });
    map.addEventListener("dragstart", (event) => event.preventDefault());
    map.addEventListener("click", tapped);
    map.addEventListener("focusin", (event) => bringIntoView(event.target.closest("a")));
    stage.addEventListener("keydown", pressed);
    stage.querySelector(".zoom").addEventListener("click", (event) => {
      const button = event.target.closest("[data-zoom]");
      if (!button) return;
      if (button.dataset.zoom === "all") show(home); else zoom(button.dataset.zoom === "in" ? 1.6 : 1 / 1.6);
    });
    pairUp();
  }

  function dragged(event) {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    travelled += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    if (travelled < 8) return;
    map.classList.add("held");
    if (!map.hasPointerCapture(event.pointerId)) capture(event.pointerId);
    if (!other) { move(now.x - before.x, now.y - before.y); return; }
    const grown = Math.hypot(now.x - other.x, now.y - other.y) / Math.max(Math.hypot(before.x - other.x, before.y - other.y), 1);
    zoom(grown, (now.x + other.x) / 2, (now.y + other.y) / 2);
    move((now.x - before.x) / 2, (now.y - before.y) / 2);
  }

  function capture(id) {
    try { map.setPointerCapture(id); } catch { /* The finger is already up. */ }
  }

  function released(event) {
    fingers.delete(event.pointerId);
    if (!fingers.size) map.classList.remove("held");
  }

  function pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = 60;
    const acts = {
      "+": () => zoom(1.4), "=": () => zoom(1.4), "-": () => zoom(1 / 1.4), "0": () => show(home),
      ArrowLeft: () => move(step, 0), ArrowRight: () => move(-step, 0), ArrowUp: () => move(0, step), ArrowDown: () => move(0, -step),
    };
    if (event.key === "Escape") { close(); return; }
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  /* A building reached by Tab may lie outside the view. */
  function bringIntoView(link) {
    if (!link || !link.matches(":focus-visible")) return;
    const spot = link.getBBox();
    const x = spot.x + spot.width / 2, y = spot.y + spot.height / 2;
    if (x < box.x || y < box.y || x > box.x + box.w || y > box.y + box.h) show({ ...box, x: x - box.w / 2, y: y - box.h / 2 });
  }

  function tapped(event) {
    const link = event.target.closest("a");
    if (travelled >= 8) { event.preventDefault(); return; }
    if (!link) { close(); return; }
    if (!window.htmx || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  }

  async function open(link) {
    const url = new URL(link.getAttribute("href"), location.href);
    const sheet = document.getElementById("building-sheet");
    choose(link);
    await window.htmx.ajax("GET", url.pathname.replace(/(\/summary)?$/, "/summary") + url.search, { target: "#building-sheet", swap: "innerHTML" });
    sheet.hidden = false;
    sheet.insertAdjacentHTML("beforeend", '<button type="button" class="quiet close">✕</button>');
    const button = sheet.querySelector(".close");
    button.setAttribute("aria-label", document.documentElement.lang === "en" ? "Close" : "关闭");
    button.addEventListener("click", close);
    (sheet.querySelector("[role=button]") || button).focus({ preventScroll: true });
  }

  function choose(link) {
    map.querySelectorAll(".chosen").forEach((one) => one.classList.remove("chosen"));
    link?.classList.add("chosen");
  }

  function close() {
    const sheet = document.getElementById("building-sheet");
    if (sheet.hidden) return;
    // Whoever was in the sheet goes back to the building it is about.
    if (sheet.contains(document.activeElement)) map.querySelector(".chosen")?.focus();
    sheet.hidden = true;
    choose(null);
  }

  /* The list and the map point at each other. */
  function pairUp() {
    const list = document.querySelector(".buildings");
    const partner = (link) => {
      const href = link.getAttribute("href");
      const where = map.contains(link) ? list : map;
      return where?.querySelector(`a[href="${CSS.escape(href)}"]`);
    };
    const light = (on) => (event) => {
      const link = event.target.closest?.("a");
      if (!link) return;
      const other = partner(link);
      other?.classList.toggle("lit", on);
      link.classList.toggle("lit", on);
    };
    for (const side of [map, list]) {
      side?.addEventListener("pointerover", light(true));
      side?.addEventListener("pointerout", light(false));
      side?.addEventListener("focusin", light(true));
      side?.addEventListener("focusout", light(false));
    }
  }

  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:after:swap", start);
  document.addEventListener("htmx:after:settle", start);
  window.addEventListener("resize", () => { if (map && box) show(box); });
})();
