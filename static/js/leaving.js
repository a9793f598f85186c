/* Logging out: not while anything is unsent, and then the phone keeps nothing. */
"use strict";

(() => {
  const PATIENCE = 15000;
  const { outbox, device, wipe, word, el, notice } = window.yihu;

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[action='/logout']")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    leave(form).finally(() => { delete form.dataset.sent; });
  }, true);

  async function leave(form) {
    let waiting;
    try { waiting = await outbox.close(); } catch (error) {
      console.info("leaving:", error);
      // A browser that keeps no database has nothing unsent; one that is slow may have: ask again, then believe it.
      if (!form.dataset.unread) { form.dataset.unread = "yes"; stop(form, word("leave-unread")); return; }
      waiting = [];
    }
    if (waiting.length) { refuse(form, waiting); return; }
    if (!await loggedOut(form)) { await outbox.reopen().catch(() => {}); stop(form, word("leave-offline")); return; }
    await forget();
    location.replace("/login");
  }

  async function loggedOut(form) {
    try {
      const answer = await fetch("/logout", {
        method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", credentials: "same-origin",
        headers: { "Outbox-Device": await device().catch(() => "") }, signal: AbortSignal.timeout(PATIENCE),
      });
      // A redirect that is not followed has no status. 401: the session was over already.
      return answer.type === "opaqueredirect" || answer.status === 401;
    } catch { return false; }
  }

  function refuse(form, waiting) {
    const names = [...new Set(waiting.map((entry) => entry.owner_name))].join(word("comma"));
    stop(form, word("leave-unsent", { n: waiting.length, names }), el("a", { href: "/m/outbox" }, word("outbox")));
  }

  function stop(form, sentence, ...more) {
    form.parentElement.querySelector(".stays")?.remove();
    const box = notice("bad", "alert-triangle", el("p", {}, sentence, " ", ...more));
    box.classList.add("stays");
    box.tabIndex = -1;
    form.before(box);
    box.focus();
  }

  /* Everything of this site on this phone. */
  async function forget() {
    const steps = [
      wipe,
      async () => { for (const name of await window.caches?.keys() || []) await caches.delete(name); },
      async () => { for (const worker of await navigator.serviceWorker?.getRegistrations() || []) await worker.unregister(); },
      async () => sessionStorage.clear(),
    ];
    for (const step of steps) await step().catch((error) => console.info("leaving:", error));
  }
})();
