// Buttons that copy: the element that data-copy names, the code of a block, or a message. They appear where the browser offers the clipboard,
// which is on secure origins and loopback only.
const buttons = "button[data-copy], [data-copy-code], [data-copy-message]";
const lifetime = 2000;

const textOf = (button) => {
  if ("copyCode" in button.dataset) return button.closest(".code-block")?.querySelector("code")?.textContent;
  if ("copyMessage" in button.dataset) return button.closest("article")?.querySelector(".message-text")?.innerText;
  const source = document.getElementById(button.dataset.copy);
  return source?.value ?? source?.textContent;
};

/** Shows the buttons below root. */
export const reveal = (root) => {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll(buttons)) button.hidden = false;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest(buttons);
  const text = button && textOf(button);
  if (text === undefined || text === null) return;
  let result = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    result = "Not allowed";
  }
  button.dataset.label ??= button.textContent;
  button.textContent = result;
  const announcer = document.getElementById("copy-result");
  announcer.textContent = result;
  setTimeout(() => {
    button.textContent = button.dataset.label;
    announcer.textContent = "";
  }, lifetime);
});

document.body.addEventListener("htmx:load", (event) => reveal(event.detail.elt.parentElement ?? event.detail.elt));
reveal(document);
