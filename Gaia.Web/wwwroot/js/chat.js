// The chat. Everything on the page comes from the server; this follows answers as they are made, and keeps place, focus and drafts.
import { adopt, attach, fetchPart, hasEnd, place } from "./chat-answers.js";
import { restore } from "./chat-input.js";
import { expire } from "./chat-menu.js";
import { open } from "./chat-scroll.js";
import "./chat-send.js";
import { enhance } from "./chat-text.js";

/** The conversation that the page shows; null where none has begun. */
export const conversationId = () => document.querySelector("[data-conversation-id]")?.dataset.conversationId || null;

/** Puts a message of this conversation on the page, or what it is now in the place of what it was. */
export const showMessage = async (messageId) => {
  const conversation = conversationId();
  if (!conversation) return;
  const message = await fetchPart(`/chat/${conversation}/messages/${messageId}`);
  if (conversation !== conversationId()) return;
  if (message) place(message);
  else removeMessage(messageId);
};

export const removeMessage = (messageId) => document.getElementById(`message-${messageId}`)?.remove();

/** Follows the answer that is being made in this conversation, if the page does not yet. */
export const followAnswer = async () => {
  const conversation = conversationId();
  if (!conversation || !hasEnd()) return;
  const answer = await fetchPart(`/chat/${conversation}/running`);
  if (!answer || !hasEnd() || conversation !== conversationId() || document.getElementById(answer.id) || document.getElementById(`message-${answer.dataset.messageId}`)) return;
  if (!document.getElementById(`message-${answer.dataset.questionId}`)) await showMessage(answer.dataset.questionId);
  if (document.getElementById(answer.id)) return;
  document.getElementById("messages").append(answer);
  adopt(answer);
};

/** Marks the conversation that is open in the list. */
export const mark = () => {
  const conversation = conversationId();
  for (const item of document.querySelectorAll("[data-conversation]")) {
    const link = item.querySelector(".gaia-conversation-link");
    if (item.dataset.conversation === conversation) link?.setAttribute("aria-current", "page");
    else link?.removeAttribute("aria-current");
  }
};

const opened = () => {
  restore();
  open();
  mark();
};

document.body.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target?.id === "main-content") {
    opened();
    const sender = event.detail.requestConfig?.elt;
    if (sender?.id !== "chat-form") (document.getElementById("chat-message-input") ?? target).focus({ preventScroll: true });
  }
  if (target?.id === "conversation-list") mark();
  // Scrolled to the end, where an answer may be on its way.
  if (event.detail.requestConfig?.elt?.dataset?.loads === "later" && hasEnd()) followAnswer().catch(() => {});
});

// Another answer takes the place of all that follows its question, for good.
document.body.addEventListener("htmx:confirm", (event) => {
  const { elt, path, verb } = event.detail;
  if (verb !== "post" || !path.endsWith("/regenerate")) return;
  let next = elt.closest("article")?.nextElementSibling;
  while (next && !next.matches("article, [data-loads='later']")) next = next.nextElementSibling;
  if (!next) return;
  event.preventDefault();
  if (confirm("All messages after this answer will be removed for good. (Branch goes on from here and keeps them.) Answer anew?")) event.detail.issueRequest(true);
});

/** Whether the page has it already: a message that was sent again and had arrived, or a neighbour that came by another way. */
const isKnown = (element) =>
  element.matches?.("#messages > article[id]")
  && (document.querySelectorAll(`[id="${element.id}"]`).length > 1 || ("stream" in element.dataset && document.getElementById(`message-${element.dataset.messageId}`) !== null));

// The list comes anew when a conversation has changed, but not under the hands of somebody who is doing something with it.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  const list = event.detail.elt;
  if (list.id !== "conversation-list") return;
  if (list.querySelector("details[open], .rename-form, [data-archived]") || document.getElementById("search-input")?.value) event.preventDefault();
});
document.body.addEventListener("htmx:load", (event) => {
  if (isKnown(event.detail.elt)) {
    event.detail.elt.remove();
    return;
  }
  enhance(event.detail.elt);
  attach(event.detail.elt);
  expire(document);
});

opened();
enhance(document.body);
attach(document.body);
document.getElementById("chat-message-input")?.focus({ preventScroll: true });
