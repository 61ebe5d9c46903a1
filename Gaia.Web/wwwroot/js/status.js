// The status board: the service behind this page may stop; say so once, and take it back when it answers again.
const status = () => document.getElementById("status");
const connection = document.getElementById("connection");

const setLost = (lost) => {
  if (!connection || document.body.classList.contains("connection-lost") === lost) return;
  document.body.classList.toggle("connection-lost", lost);
  connection.textContent = lost ? connection.dataset.lost : "";
};

document.body.addEventListener("htmx:afterRequest", (event) => {
  // After a swap the element that asked is no longer there; what it asked still names it.
  if (event.detail.requestConfig?.elt.id === "status") setLost(!event.detail.successful);
});

// A page that nobody looks at asks nothing, and catches up at once when it is looked at again.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "status" && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && status()) window.htmx?.trigger(status(), "refresh");
});
