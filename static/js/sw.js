/* Answers for the pages when the network does not. Only GET: what is saved goes through the outbox (outbox.js). */
"use strict";

const STOCK = "yihu-stock", COPIES = "yihu-copies", PATIENCE = 2500;
// Pages without anything of a resident in them: the script draws what they show.
const BARE = ["/m/shell", "/m/outbox", "/m/phone"];
// What the pack can draw. Other pages may take their time.
const PACKED = /^\/(today|m\/outbox|m\/phone|p\/[\w-]{22}|buildings\/[\w-]+|households\/[\w-]+(\/visits\/new|\/edit)?)?$/;
// The three buttons of a building's head, whose phone has no pack: the last good copy.
const COPIED = /^\/(report|my-building)(\/|$)/;
const NEVER = /^\/(login|logout|static)(\/|$)/;

self.addEventListener("install", (event) => event.waitUntil(stock().catch(() => {}).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));
self.addEventListener("message", (event) => event.waitUntil(told(event)));
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fromStock(request));
  else if (request.mode === "navigate" && !NEVER.test(url.pathname)) event.respondWith(page(request, url));
});

/* A page says that somebody else is logged in here, or that the site has changed. */
async function told(event) {
  if (event.data.forget) await caches.delete(COPIES);
  if (event.data.stock) await stock();
  for (const path of event.data.copies || []) await keep(path, await fetch(path, { credentials: "same-origin" }));
  event.ports[0]?.postMessage("done");
}

/* The bare pages, and whatever their heads ask for. */
async function stock() {
  const cache = await caches.open(STOCK);
  for (const path of BARE) {
    const answer = await fetch(path, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok || answer.redirected) throw new Error(`${path}: ${answer.status}`);
    const html = await answer.clone().text();
    const files = [...html.matchAll(/(?:href|src|data-icons)="(\/static\/[^"#]+)/g)].map((found) => found[1]);
    await Promise.all([...new Set(files)].map((file) => fromStock(new Request(file))));
    await cache.put(path, answer);
  }
}

async function tidy() {
  for (const name of await caches.keys()) if (![STOCK, COPIES].includes(name)) await caches.delete(name);
}

/* The address of a file changes with the file: what is here is right, and what it replaces goes. */
async function fromStock(request) {
  const cache = await caches.open(STOCK);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && new URL(request.url).search) {
    await cache.delete(request, { ignoreSearch: true });
    await cache.put(request, answer.clone());
  }
  return answer;
}

async function page(request, { pathname: path, search }) {
  const fresh = fetch(request).then((answer) => ([502, 503, 504].includes(answer.status) ? Promise.reject(answer) : answer));
  fresh.catch(() => {});
  const copies = COPIED.test(path), patient = !copies && !PACKED.test(path);
  try {
    const answer = await (patient ? fresh : Promise.race([fresh, late()]));
    if (copies) await keep(path + search, answer.clone());
    return answer;
  } catch (trouble) {
    const kept = copies ? await copy(path, search) : await bare(path);
    return kept || (trouble instanceof Response ? trouble : fresh.catch((other) => (other instanceof Response ? other : Response.error())));
  }
}

/* Another address is another page; what was just done is nothing to show again. */
async function keep(place, answer) {
  if (answer.ok && !answer.redirected && !place.includes("done=")) await (await caches.open(COPIES)).put(place, answer);
}

function late() { return new Promise((_, fail) => { setTimeout(() => fail(new Error("late")), PATIENCE); }); }

async function copy(path, search) {
  const cache = await caches.open(COPIES);
  return await cache.match(path + search) || (search.includes("done=") ? cache.match(path) : undefined);
}

async function bare(path) {
  const cache = await caches.open(STOCK);
  return await cache.match(BARE.includes(path) ? path : "/m/shell");
}
