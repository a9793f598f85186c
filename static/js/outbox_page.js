/* 待发与对账: every entry of this phone, what became of it and what can be done, and the count of each day. */
"use strict";

(() => {
  const { outbox, reckoning, saving, person, word, el, icon, notice, when, hour } = window.yihu;
  const SIGNS = { waiting: "clock", delivered: "check", returned: "undo-2", clash: "users", login: "log-in" };
  const KINDS = { delivered: "good", returned: "bad", clash: "bad", login: "warn", waiting: "" };
  const ORDER = ["returned", "clash", "login", "waiting"];
  const asked = new Set();

  async function draw() {
    const place = document.getElementById("outbox");
    if (!place) return;
    const entries = (await outbox.all()).reverse();
    const open = entries.filter((entry) => outbox.UNSENT.includes(entry.state));
    const sent = entries.filter((entry) => entry.state === "delivered" && entry.owner === person().id);
    const days = await reckoning.days();
    if (!place.isConnected) return;
    const unfolded = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.of));
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.act : "";
    place.replaceChildren(strip(open), list(open), balance(days), delivered(sent));
    for (const one of place.querySelectorAll("details")) one.open = unfolded.has(one.dataset.of);
    if (focused) (place.querySelector(`[data-act="${focused}"]`) || place.querySelector("h2")).focus?.();
  }

  function strip(open) {
    const counts = ORDER.map((state) => [state, open.filter((entry) => entry.state === state).length]).filter(([, n]) => n);
    const parts = counts.map(([state, n]) => el("li", {}, `${word(`state-${state}`)} `, el("b", {}, String(n))));
    return el("ul", { class: "strip" }, ...(parts.length ? parts : [el("li", {}, icon("circle-check"), " ", word("all-sent"))]));
  }

  function list(open) {
    const mine = open.some((entry) => entry.owner === person().id && ["waiting", "login"].includes(entry.state));
    const head = el("header", { class: "between" }, el("h2", {}, word("unsent-here")),
      mine ? el("button", { type: "button", class: "secondary", "data-act": "send", onclick: sendNow }, icon("send"), word("send-now")) : "");
    const rows = open.map((entry) => (entry.owner === person().id ? row(entry) : foreign(entry)));
    return el("section", {}, head, rows.length ? el("ul", { class: "rows entries" }, ...rows) : el("p", { class: "empty" }, word("nothing-unsent")));
  }

  async function sendNow(event) {
    event.currentTarget.setAttribute("aria-busy", "true");
    await outbox.send({ now: true });
    await draw();
  }

  function tag(state) { return el("span", { class: `tag ${KINDS[state]}` }, icon(SIGNS[state]), " ", word(`state-${state}`)); }

  function row(entry) {
    return el("li", { "data-state": entry.state, "data-entry": entry.id },
      el("div", { class: "between" }, el("b", { class: "name" }, entry.label), tag(entry.state)),
      el("p", { class: "soft" }, times(entry)),
      entry.reason ? el("p", { class: ["returned", "clash"].includes(entry.state) ? "error" : "soft" }, entry.reason) : "",
      ...(entry.state === "waiting" ? [said(entry, buttons(entry))] : [said(entry), buttons(entry)]));
  }

  /* 10:32 · 试过 3 次 · 10:37 再试 */
  function times(entry) {
    const parts = [when(entry.made_at)];
    if (entry.tries && entry.state === "waiting") parts.push(word("tried", { n: entry.tries }), word("tries-at", { at: hour(entry.next_at) }));
    if (entry.state === "login") parts.push(word("needs-login"));
    return parts.join(" · ");
  }

  /* What waits needs no hand: its buttons are folded away with its words. */
  function said(entry, ...more) {
    const rows = entry.words.flatMap(([label, text]) => [el("dt", {}, label), el("dd", {}, text)]);
    return el("details", { "data-of": entry.id }, el("summary", {}, word("what-i-wrote")), el("dl", { class: "facts" }, ...rows), ...more);
  }

  /* Whose it is and from when; what it is about is nobody else's business. */
  function foreign(entry) {
    return el("li", { "data-state": entry.state, "data-entry": entry.id },
      el("div", { class: "between" }, el("b", { class: "name" }, `${entry.owner_name} ${when(entry.made_at)}`), tag(entry.state)),
      el("p", { class: "soft" }, word("of-another", { name: entry.owner_name })));
  }

  function buttons(entry) {
    const button = (words, sign, act, kind = "secondary", name = sign) =>
      el("button", { type: "button", class: kind, "data-act": `${entry.id} ${name}`, onclick: act }, icon(sign), words);
    const made = [];
    if (entry.state === "returned" && entry.page.includes("data-outbox")) made.push(button(word("mend"), "pencil", () => mend(entry), ""));
    if (entry.state === "clash") made.push(button(word("choose"), "users", () => mend(entry), ""));
    if (entry.state === "login") made.push(el("a", { role: "button", href: "/login?next=/m/outbox" }, icon("log-in"), word("log-in")));
    made.push(button(word("print"), "printer", () => print(entry)));
    made.push(withdrawal(entry, button));
    return el("div", { class: "buttons" }, ...made);
  }

  /* 撤回 takes a second tap, which says what goes. */
  function withdrawal(entry, button) {
    if (!asked.has(entry.id)) return button(word("withdraw"), "trash-2", () => { asked.add(entry.id); draw(); }, "quiet");
    const warning = entry.tries && entry.state === "waiting" ? word("withdraw-tried") : word("withdraw-sure");
    return el("div", { class: "sure" }, el("p", {}, warning),
      button(word("withdraw-yes"), "trash-2", async () => { await outbox.remove(entry.id); say(word("withdrawn")); }, "danger", "trash-2"),
      button(word("withdraw-no"), "x", () => { asked.delete(entry.id); draw(); }, "quiet"));
  }

  /* The server's page with the entry's words: what is saved from it replaces the entry, under a new key. */
  function mend(entry) {
    const form = saving.show(entry.page, entry.files);
    if (entry.state === "returned") saving.fill(form, entry.fields);
    saving.mend(form, entry);
    const main = form.closest("main");
    main.querySelector(".path")?.remove();
    main.prepend(el("nav", { class: "path", "aria-label": word("outbox") }, el("a", { href: "/m/outbox" }, word("outbox")), el("span", {}, entry.label)));
  }

  /* Only this entry's words on paper. */
  function print(entry) {
    document.getElementById("slip")?.remove();
    const rows = entry.words.flatMap(([label, text]) => [el("dt", {}, label), el("dd", {}, text)]);
    const slip = el("section", { id: "slip" }, el("h1", {}, entry.label),
      el("p", {}, `${entry.owner_name} · ${entry.day} ${hour(entry.made_at)} · ${word(`state-${entry.state}`)}`),
      entry.reason ? el("p", {}, entry.reason) : "", el("dl", { class: "facts" }, ...rows));
    document.body.append(slip);
    document.body.classList.add("printing-slip");
    window.print();
    document.body.classList.remove("printing-slip");
  }

  /* ---- 对账 ---- */

  function balance(days) {
    const rows = days.filter((one) => one.entries.length).map(account);
    return el("section", { id: "balance" }, el("h2", {}, word("balance")),
      rows.length ? el("ul", { class: "rows" }, ...rows) : el("p", { class: "empty" }, word("reckoning-nothing")));
  }

  function account(one) {
    const sign = one.agrees ? "circle-check" : one.known ? "alert-triangle" : "wifi-off";
    const count = el("b", { class: one.agrees ? "agrees" : one.known ? "differs" : "" }, icon(sign), " ", reckoning.sentence(one));
    const which = (name, labels) => (labels.length ? el("p", { class: "error" }, word(name, { which: labels.join(word("comma")) })) : "");
    return el("li", {}, el("div", { class: "between" }, el("span", {}, one.on), count),
      el("p", { class: "soft" }, word("fingerprint"), " ", el("code", {}, one.hash.slice(0, 8))),
      which("only-here", one.onlyHere), which("only-there", one.onlyThere),
      one.agrees && one.waiting ? el("p", { class: "soft" }, word("waiting-later")) : "");
  }

  function delivered(sent) {
    if (!sent.length) return el("p", { class: "empty" }, "");
    const rows = sent.map((entry) => el("li", { "data-state": "delivered", "data-entry": entry.id },
      el("div", { class: "between" }, el("span", {}, el("b", {}, entry.label), el("span", { class: "soft" }, ` ${when(entry.made_at)}`)), tag("delivered"))));
    return el("section", {}, el("details", { "data-of": "delivered" }, el("summary", {}, word("delivered-lately", { n: sent.length })), el("ul", { class: "rows plain" }, ...rows)));
  }

  const start = () => draw().catch((error) => {
    console.info("outbox:", error);
    document.getElementById("outbox")?.replaceChildren(notice("bad", "alert-triangle", el("p", {}, word("no-database"))));
  });
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("yihu:outbox", start);
  document.addEventListener("yihu:reckoned", start);
})();
