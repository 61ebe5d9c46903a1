// The list of conversations follows what happens here and in other tabs, but never under the hands of somebody who uses it: what is new is
// put among what is there, so that pages scrolled to, an open menu, a name being typed and the focus stay.
import { fetchContent } from "./chat-answers.js";
import { conversationId, mark } from "./chat.js";

const wait = 400;
let timer;
let changes = 0;

const list = () => document.getElementById("conversation-list");
const item = (id) => document.getElementById(`conversation-${id}`);
const isArchive = () => list().querySelector(".conversation-views[data-archived]") !== null;

/** Whether it shows what it opens with: not what was searched for, and not the archive. */
const isShown = () =>
  !document.getElementById("search-input")?.value
  && (list().childElementCount === 0 || (list().querySelector(".conversation-views") !== null && !isArchive()));

const isInUse = (element) => element.querySelector("input, details[open]") !== null;
const looks = (element) => [element.querySelector("a")?.textContent.trim(), element.querySelector("[role='img']") !== null].join();

/** Does something that may move or replace what has the focus, and gives it back. */
const keepingFocus = (change) => {
  const active = list().contains(document.activeElement) ? document.activeElement : null;
  const id = active?.closest("[data-conversation]")?.id;
  change();
  if (!id || document.activeElement === active) return;
  document.getElementById(id)?.querySelector(active.tagName === "SUMMARY" ? "summary" : "a")?.focus({ preventScroll: true });
};

const adopt = (element) => window.htmx?.process(element);

/** Takes away what is gone, where that can be known: of a list of which no more than its first page was loaded. */
const removeGone = (items, fresh, found) => {
  const more = fresh.querySelector(".conversation-more");
  const shown = [...items.querySelectorAll("[data-conversation]")];
  if (more && shown.length > found.length) return;
  const ids = new Set(found.map((next) => next.id));
  for (const old of shown) if (!ids.has(old.id) && !isInUse(old)) old.remove();
  items.querySelector(".conversation-more")?.remove();
  if (!more) return;
  items.append(more);
  adopt(more);
};

const merge = (content) => {
  const items = list().querySelector(".conversation-items");
  const fresh = content.querySelector(".conversation-items");
  if (!items || !fresh) {
    content.getElementById("search-status")?.remove();
    list().replaceChildren(content);
    for (const child of list().children) adopt(child);
    return;
  }
  const found = [...fresh.querySelectorAll("[data-conversation]")];
  removeGone(items, fresh, found);
  let at = items.firstElementChild;
  for (const next of found) {
    const old = document.getElementById(next.id);
    const kept = old && (isInUse(old) || looks(old) === looks(next)) ? old : next;
    if (old && kept !== old) {
      if (at === old) at = next;
      old.replaceWith(next);
    }
    if (kept === at) at = at.nextElementSibling;
    else items.insertBefore(kept, at);
    if (kept === next) adopt(next);
  }
};

const refresh = async () => {
  if (!isShown()) return;
  const before = changes;
  const content = await fetchContent("/api/conversations");
  if (!content || !isShown()) return;
  // What came is older than what was done meanwhile.
  if (before !== changes) {
    refreshList();
    return;
  }
  keepingFocus(() => merge(content));
  mark();
};

/** Loads the list again, once for all that happens at about the same time. */
export const refreshList = () => {
  if (!list()) return;
  clearTimeout(timer);
  // What fails is made up for when the connection is back.
  timer = setTimeout(() => refresh().catch(() => {}), wait);
};

document.body.addEventListener("conversations-changed", refreshList);
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (list()?.contains(event.detail.target) || event.detail.requestConfig?.verb === "delete") changes++;
});

const removeItem = (id) => {
  changes++;
  const gone = item(id);
  if (!gone) return;
  if (gone.contains(document.activeElement)) (gone.nextElementSibling ?? gone.previousElementSibling)?.querySelector("a")?.focus();
  gone.remove();
};

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
  // Used here, or what this tab did itself.
  if (!old || isInUse(old)) return;
  if (next.hasAttribute("data-archived") !== isArchive()) removeItem(id);
  else if (looks(old) !== looks(next)) {
    keepingFocus(() => old.replaceWith(next));
    adopt(next);
    mark();
  }
};

/** Shows what happened to one of the user's conversations. */
export const follow = async ({ event, status, conversation_id: id }) => {
  if (event === "deleted") removeItem(id);
  else if (event === "changed") {
    await changeItem(id);
    // Pinned, put into the archive or taken out of it: then it is elsewhere.
    refreshList();
  } else if (event !== undefined || status !== "started") refreshList();
};
