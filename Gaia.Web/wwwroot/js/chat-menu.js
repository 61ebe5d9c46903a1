// Menus, dialogs and keys. Menus are <details>, and the dialog is <dialog>: both work by keyboard already, this closes them again.
import { isRunning } from "./chat-answers.js";
import { toggleSidebar } from "./sidebar.js";

const undoLifetime = 60_000;
const dialog = () => document.getElementById("chat-dialog");

let deletedByKey = false;

const dismiss = (toast) => {
  if (!toast) return;
  const hadFocus = toast.contains(document.activeElement);
  toast.remove();
  if (hadFocus) document.getElementById("search-input")?.focus();
};

const closeMenus = (except) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
};

document.addEventListener("click", (event) => {
  const menu = event.target.closest("details.menu");
  closeMenus(event.target.closest(".menu-item") ? null : menu);
  if (event.target.closest("[data-dismiss]")) dismiss(event.target.closest("[data-undo]"));
  // A click without a pointer is a key.
  if (event.target.closest("[hx-delete]")) deletedByKey = event.detail === 0;
  if (event.target.closest("[data-undo] [hx-post]")) event.target.closest("[data-undo]").classList.add("is-used");
  if (event.target === dialog()) dialog().close();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    const search = document.getElementById("search-input");
    if (!search) return;
    event.preventDefault();
    if (search.closest("[inert]")) toggleSidebar(true);
    search.focus();
    search.select();
    return;
  }
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || dialog()?.open) return;
  const toast = event.target.closest?.("[data-undo]");
  const menu = document.querySelector("details.menu[open]");
  const cancel = event.target.closest?.("form")?.querySelector("[data-cancel]");
  if (toast) dismiss(toast);
  else if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (cancel) cancel.click();
  // Whoever is somewhere else means something else.
  else if (isRunning() && event.target.closest?.(".chat")) document.getElementById("chat-stop-button")?.click();
});

document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "chat-dialog" && !dialog().open) dialog().showModal();
});

/** A toast that takes something back has the focus of whoever works with keys, and goes away by itself, but not while somebody is in it. */
export const expire = (root) => {
  for (const toast of root.querySelectorAll("[data-undo]:not([data-expires])")) {
    toast.dataset.expires = "";
    const go = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? go() : toast.remove()), undoLifetime);
    go();
    if (deletedByKey) toast.querySelector("[hx-post]")?.focus();
    deletedByKey = false;
  }
};

document.body.addEventListener("htmx:afterRequest", (event) => {
  const toast = event.detail.requestConfig?.elt?.closest?.("[data-undo]");
  if (!toast) return;
  if (event.detail.successful) dismiss(toast);
  else toast.classList.remove("is-used");
});

// The item that had the focus is gone: the next one takes it, or the search.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const item = !deletedByKey && event.detail.requestConfig?.verb === "delete" && event.detail.target?.closest?.(".conversation-item");
  if (!item) return;
  const next = (item.nextElementSibling ?? item.previousElementSibling)?.querySelector("a, button") ?? document.getElementById("search-input");
  setTimeout(() => next?.focus(), 0);
});
