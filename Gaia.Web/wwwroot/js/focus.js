// An answer that takes the place of a form takes the focus with it, to where the person goes on: the field or the message that says so.
document.body.addEventListener("htmx:afterSettle", (event) => {
  const focus = event.detail.elt?.querySelector?.("[autofocus]");
  if (focus) focus.focus();
});
