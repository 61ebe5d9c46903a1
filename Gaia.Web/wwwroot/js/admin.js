// A page that nobody looks at asks nothing, and catches up at once when it is looked at again.
const live = () => document.getElementById("admin-live");

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "admin-live" && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && live()) window.htmx?.trigger(live(), "refresh");
});
