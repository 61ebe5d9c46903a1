// On a narrow screen the sidebar slides over the page. Closed, nothing in it can be reached.
const sidebar = () => document.getElementById("sidebar");
const overlay = () => document.getElementById("sidebar-overlay");
const toggle = () => document.getElementById("sidebar-toggle");
const page = () => document.querySelector(".app-main");
const narrow = window.matchMedia("(max-width: 48rem)");

const apply = (open) => {
  if (!sidebar()) return;
  const covers = narrow.matches;
  sidebar().classList.toggle("is-open", open && covers);
  sidebar().inert = covers && !open;
  if (overlay()) overlay().hidden = !(covers && open);
  // Open, nothing behind it can.
  if (page()) page().inert = covers && open;
  toggle()?.setAttribute("aria-expanded", String(covers ? open : true));
};

export const toggleSidebar = (open = !sidebar()?.classList.contains("is-open")) => {
  apply(open);
  if (!narrow.matches) return;
  if (open) sidebar()?.querySelector("a, button, input")?.focus();
  else toggle()?.focus();
};

document.addEventListener("click", (event) => {
  if (event.target.closest("#sidebar-toggle")) toggleSidebar();
  else if (event.target.closest("#sidebar-overlay")) toggleSidebar(false);
});
document.addEventListener("keydown", (event) => {
  // What is open in front of it is closed first.
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const menu = document.querySelector("#user-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  } else if (sidebar()?.classList.contains("is-open") && !document.querySelector(".sidebar details[open]") && !event.target.closest?.("form:has([data-cancel])")) toggleSidebar(false);
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  const menu = document.querySelector("#user-menu[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
// What was chosen in the sidebar is to be seen.
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "main-content" && sidebar()?.classList.contains("is-open")) toggleSidebar(false);
});
narrow.addEventListener("change", () => apply(false));
apply(false);
