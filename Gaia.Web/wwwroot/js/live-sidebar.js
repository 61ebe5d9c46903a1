// The list of conversations follows what happens in other tabs, but never under the hands of somebody who uses it.
import { fetchContent } from "./chat-answers.js";
import { conversationId, mark } from "./chat.js";

const wait = 400;
let timer;
let focused;

const list = () => document.getElementById("conversation-list");
const item = (id) => document.getElementById(`conversation-${id}`);

/** Whether it shows something else than the list as it opens, or something is being done with it. */
const isInUse = () =>
  Boolean(document.getElementById("search-input")?.value)
  || list().querySelector("input, details[open]") !== null
  || list().querySelector('.conversation-views [aria-pressed="true"]') !== list().querySelector(".conversation-views [aria-pressed]");

/** Loads the list again, once for all that happens at about the same time. */
export const refreshList = () => {
  if (!list()) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (isInUse()) return;
    const active = list().contains(document.activeElement) ? document.activeElement : null;
    focused = active && { id: active.closest("[data-conversation]")?.id, selector: active.tagName === "SUMMARY" ? "summary" : "a" };
    document.body.dispatchEvent(new CustomEvent("conversations-changed"));
  }, wait);
};

// This tab's own change has loaded it already.
document.body.addEventListener("conversations-changed", () => clearTimeout(timer));

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "conversation-list" || !focused) return;
  document.getElementById(focused.id)?.querySelector(focused.selector)?.focus();
  focused = undefined;
});

const removeItem = (id) => {
  const gone = item(id);
  if (!gone) return;
  if (gone.contains(document.activeElement)) (gone.nextElementSibling ?? gone.previousElementSibling)?.querySelector("a")?.focus();
  gone.remove();
};

const looks = (element) => [element.querySelector("a")?.textContent.trim(), element.querySelector("[role='img']") !== null].join();

const changeItem = async (id) => {
  const content = await fetchContent(`/api/conversations/${id}/item`);
  const next = content?.querySelector("li");
  if (!next) return;
  const title = next.querySelector(".gaia-conversation-title")?.cloneNode(true);
  title?.querySelector("[role='img']")?.remove();
  const text = title?.textContent.trim();
  if (text && conversationId() === id) {
    document.getElementById("chat-title").textContent = text;
    document.title = `${text} · Gaia Platform`;
  }
  const old = item(id);
  // Being renamed here, or what this tab did itself.
  if (!old || old.querySelector("input") || looks(old) === looks(next)) return;
  const isPinned = (element) => element.querySelector("[role='img']") !== null;
  if (isPinned(old) !== isPinned(next)) refreshList();
  const hadFocus = old.contains(document.activeElement);
  old.replaceWith(next);
  window.htmx?.process(next);
  mark();
  if (hadFocus) next.querySelector("a")?.focus();
};

/** Shows what happened to one of the user's conversations. */
export const follow = async ({ event, status, conversation_id: id }) => {
  if (event === "deleted") removeItem(id);
  else if (event === "changed") {
    await changeItem(id);
    // Put into the archive, or taken out of it.
    refreshList();
  } else if (event !== undefined || status !== "started") refreshList();
};
