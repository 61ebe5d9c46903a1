// What every page needs beyond HTMX. Everything works without it, only less comfortably.
import { show, toasts } from "./toast.js";
import { toggleSidebar } from "./sidebar.js";
import "./copy.js";
import "./focus.js";
import "./status.js";

window.GaiaToast = toasts;
window.toggleSidebar = toggleSidebar;

// Said by the server with an answer's HX-Trigger.
document.body.addEventListener("toast", (event) => show(event.detail.kind, event.detail.text));

// Saved by the server in a cookie; this page need not be loaded again for it.
document.body.addEventListener("theme", (event) => {
  document.documentElement.dataset.theme = event.detail.value;
  const scheme = document.querySelector('meta[name="color-scheme"]');
  if (scheme) scheme.content = event.detail.value === "system" ? "light dark" : event.detail.value;
});

const detailOf = (xhr) => {
  try {
    const { detail } = JSON.parse(xhr.responseText);
    return typeof detail === "string" ? detail : null;
  } catch {
    return null;
  }
};

// An answer that is swapped nowhere must not go unnoticed. The status board says itself that it has lost its service.
document.body.addEventListener("htmx:responseError", (event) => {
  if (event.detail.elt?.id === "status") return;
  toasts.error(detailOf(event.detail.xhr) ?? "That did not work. Please try again.");
});
document.body.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt?.id !== "status") toasts.error("Connection error. Please try again.");
});
