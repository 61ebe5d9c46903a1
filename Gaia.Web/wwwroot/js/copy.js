// Buttons that copy the text of another element: data-copy names it. They appear where the browser offers the clipboard, which is
// on secure origins and loopback only.
const lifetime = 2000;

const reveal = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  let text = "Copied";
  try {
    await navigator.clipboard.writeText("value" in source ? source.value : source.textContent);
  } catch {
    text = "Not allowed";
  }
  button.dataset.label ??= button.textContent;
  button.textContent = text;
  const result = document.getElementById("copy-result");
  if (result) result.textContent = text;
  setTimeout(() => {
    button.textContent = button.dataset.label;
    if (result) result.textContent = "";
  }, lifetime);
});

document.body.addEventListener("htmx:load", (event) => reveal(event.detail.elt.parentElement ?? event.detail.elt));
reveal(document);
