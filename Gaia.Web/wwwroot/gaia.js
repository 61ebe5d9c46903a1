// What the pages need beyond HTMX. Everything works without it, only less comfortably.
(() => {
  const status = () => document.getElementById("status");

  // The service behind this page may stop: say so once, and take it back when it answers again.
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

  const result = document.getElementById("copy-result");
  for (const button of document.querySelectorAll("button[data-copy]")) {
    // Browsers offer the clipboard on secure origins and loopback only.
    if (!navigator.clipboard) continue;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      let text = "Copied";
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
      } catch {
        text = "Not allowed";
      }
      button.textContent = text;
      if (result) result.textContent = text;
      setTimeout(() => {
        button.textContent = label;
        if (result) result.textContent = "";
      }, 2000);
    });
  }
})();
