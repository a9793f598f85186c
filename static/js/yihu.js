/* What every page needs beside htmx: the key a form had, no double sends, and a word when something failed. */
"use strict";

function say(words) {
  const toast = document.getElementById("toast");
  toast.textContent = words;
  toast.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { toast.hidden = true; }, 6000);
}

/* A second tap while the first is on its way must not look like nothing happened, nor send again. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.target === "_blank" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 8000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
  document.querySelectorAll("form input[name=key]").forEach(keepKey);
});

/* A form one comes back to, or loads again after the line broke, is the same entry: it keeps the key it had. */
function keepKey(field) {
  const place = keyPlace(field.form);
  const came = performance.getEntriesByType("navigation")[0]?.type;
  const kept = came === "navigate" ? null : sessionStorage.getItem(place);
  if (kept) field.value = kept; else sessionStorage.setItem(place, field.value);
}

/* By person too: who comes back to a form of somebody else's begins an entry of their own. */
function keyPlace(form) { return `key ${document.body.dataset.user || ""} ${form.getAttribute("action")}`; }

/* A link that looks like a button answers to the space bar like one. */
document.addEventListener("keydown", (event) => {
  if (event.key !== " " || !event.target.matches("a[role=button]")) return;
  event.preventDefault();
  event.target.click();
});

document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail?.ctx?.response?.status;
  say(document.documentElement.lang === "en"
    ? (status === 403 ? "Your account may not do this." : "It did not work. What you typed is still here; try again in a moment.")
    : (status === 403 ? "您的账号不能这样做。" : "没有成功。填的内容还在，请稍后再试。"));
});
document.addEventListener("htmx:error", () => {
  say(document.documentElement.lang === "en" ? "No connection. What you typed is still here." : "连不上服务器。填的内容还在，请稍后再试。");
});
