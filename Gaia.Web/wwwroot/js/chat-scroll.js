// Where the messages are scrolled to: at the end unless somebody reads further up, and not moved by what loads above.
const near = 120;

export const scroller = () => document.getElementById("chat-scroll");

export const isAtEnd = () => {
  const box = scroller();
  return !box || box.scrollHeight - box.scrollTop - box.clientHeight < near;
};

export const toEnd = () => {
  const box = scroller();
  if (box) box.scrollTop = box.scrollHeight;
};

/** Does something that makes the messages longer, and stays at the end if that is where the page was. */
export const keepingEnd = (change) => {
  const follow = isAtEnd();
  change();
  if (follow) toEnd();
};

/** Shows what a conversation opens with: the message that was searched for, or the end. */
export const open = () => {
  const at = document.getElementById("messages")?.dataset.at;
  const message = at && document.getElementById(`message-${at}`);
  if (message) {
    message.scrollIntoView({ block: "center" });
    message.classList.add("message-found");
    message.focus({ preventScroll: true });
  } else toEnd();
};

let fromEnd;
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.dataset?.loads === "earlier") fromEnd = scroller().scrollHeight - scroller().scrollTop;
});
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (fromEnd === undefined || event.detail.requestConfig?.elt?.dataset?.loads !== "earlier") return;
  const box = scroller();
  if (box) box.scrollTop = box.scrollHeight - fromEnd;
  fromEnd = undefined;
});
