// Keeps the page in step with the user's other tabs and devices. What arrives are hints with ids; the page asks for what it shows by the
// routes that it has, so that a hint that is lost, late or repeated does no harm. After an interruption it asks for what it missed.
import { fetchContent, hasEnd, place, rewatch, settle } from "./chat-answers.js";
import { conversationId, followAnswer, showMessage } from "./chat.js";
import { isLost, isSignedOut, onReached, report } from "./live-connection.js";
import { follow, refreshList } from "./live-sidebar.js";
import { connect } from "./live-socket.js";

const restful = 5000;

const messages = () => document.getElementById("messages");
const shown = () => [...(messages()?.querySelectorAll("article[data-time]") ?? [])];
const isShown = (id) => document.getElementById(`message-${id}`) !== null;
const isFollowed = (id) => document.getElementById(`response-${id}`) !== null;

/** What somebody was saying in other words moves to the input before its message goes away. */
const rescue = (element) => {
  const edit = element?.querySelector("textarea[data-edit]");
  const input = document.getElementById("chat-message-input");
  if (!edit || !input || edit.value === edit.defaultValue || input.value) return;
  input.value = edit.value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};

const remove = (element) => {
  rescue(element);
  element.remove();
};

/** Shows the conversation anew. What is typed below it stays. */
const reload = () => {
  rescue(messages());
  return window.htmx?.ajax("GET", location.pathname, { target: "#main-content", swap: "innerHTML" });
};

// What this tab is sending comes back as a hint, perhaps before its answer: first the answer is put on the page, then the hint has nothing to add.
let sent = Promise.resolve();
let sends = 0;
document.body.addEventListener("htmx:beforeSend", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb === "get") return;
  const over = new Promise((resolve) => xhr.addEventListener("loadend", resolve, { once: true }));
  sent = Promise.all([sent, over]);
  sends++;
});

/** One after the other. What fails is made up for when the connection is back. */
let queue = Promise.resolve();
const next = (work) => {
  queue = queue.then(() => sent).then(work).catch(() => {});
  return queue;
};

/** Makes the page show what is there now: of the last page, or after a message. */
const catchUp = async (after) => {
  const conversation = conversationId();
  if (!conversation || !hasEnd()) return 0;
  const before = sends;
  const content = await fetchContent(`/chat/${conversation}/messages${after ? `?after=${after}` : ""}`);
  if (conversation !== conversationId()) return 0;
  if (before !== sends) {
    // This is from before something was said, and what that replaced must not come back.
    await sent;
    return catchUp();
  }
  if (!content) {
    await reload();
    return 0;
  }
  const found = [...content.querySelectorAll("article[data-time]")];
  if (found.length === 0 && after) return 0;
  const isPart = content.querySelector("[data-loads]") !== null;
  const ids = new Set(found.map((article) => article.id));
  if (isPart && (after || !shown().some((article) => ids.has(article.id)))) {
    await reload();
    return 0;
  }
  const from = found.length > 0 && isPart ? BigInt(found[0].dataset.time) : 0n;
  if (!after) for (const article of shown()) if (BigInt(article.dataset.time) >= from && !ids.has(article.id)) remove(article);
  let added = 0;
  for (const article of found) {
    const id = article.dataset.messageId;
    if (isShown(id)) continue;
    if (isFollowed(id)) settle(id);
    else place(article);
    added++;
  }
  return added;
};

const removeFrom = (id) => {
  const first = document.getElementById(`message-${id}`);
  while (first.nextElementSibling) remove(first.nextElementSibling);
  remove(first);
};

const change = async ({ event, status, conversation_id: id, message_id: message, replaces_id: replaced }) => {
  if (id !== conversationId()) return;
  // Where the end is not loaded yet, scrolling loads it as it is by then.
  const isAtEnd = hasEnd();
  if (status === "started") {
    if (isAtEnd && !isFollowed(message) && !isShown(message)) await followAnswer();
  } else if (status !== undefined) {
    if (isFollowed(message)) settle(message);
    else if (!isShown(message)) await catchUp();
  } else if (event === "message") {
    if (isAtEnd && !isShown(message)) await showMessage(message);
  } else if (event === "edited") {
    if (isShown(message)) return;
    if (!isShown(replaced)) return reload();
    removeFrom(replaced);
    await showMessage(message);
  } else if (event === "cleared") await reload();
};

const sockets = new Map();
const listen = (name, path, { told, opened }) => {
  sockets.set(name, connect(path, {
    told,
    opened: (again) => {
      report(name, true);
      opened(again);
    },
    closed: (isOver) => {
      report(name, false);
      if (isOver) isSignedOut();
    },
  }));
};

let watched = null;
const watch = () => {
  const conversation = conversationId();
  if (conversation === watched) return;
  watched = conversation;
  sockets.get("conversation")?.close();
  sockets.delete("conversation");
  report("conversation", true);
  if (!conversation) return;
  listen("conversation", `/ws/${conversation}`, {
    told: ({ type, data }) => {
      if (type === "message") next(() => change(data));
    },
    opened: (again) => next(async () => {
      if (again) rewatch();
      const last = shown().at(-1)?.dataset.messageId;
      const added = await catchUp(again ? undefined : last);
      if (again || added > 0) await followAnswer();
    }),
  });
};

listen("notifications", "/ws/notifications", {
  told: ({ type, data }) => {
    if (type !== "notification" || !data.conversation_id) return;
    next(async () => {
      await follow(data);
      const isHere = location.pathname === `/chat/${data.conversation_id}`;
      if (isHere && ((data.event === "deleted" && conversationId()) || (data.event === "restored" && !conversationId()))) await reload();
    });
  },
  opened: (again) => {
    if (again) refreshList();
  },
});
watch();
document.body.addEventListener("htmx:afterSettle", watch);

const retry = () => {
  for (const socket of sockets.values()) socket.retry();
};
onReached(retry);
addEventListener("online", retry);
addEventListener("offline", () => {
  for (const socket of sockets.values()) socket.lose();
});
// A page that nobody saw may have slept, and missed what it was told.
let hiddenAt;
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    hiddenAt = performance.now();
    return;
  }
  retry();
  if (isLost() || performance.now() - hiddenAt < restful) return;
  refreshList();
  next(async () => {
    await catchUp();
    await followAnswer();
  });
});

// Without a connection nothing is sent: the text stays where it is.
document.addEventListener("submit", (event) => {
  if (!isLost() || !event.target.matches("#chat-form, .edit-form")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const error = document.createElement("div");
  error.className = "chat-error";
  error.setAttribute("role", "alert");
  error.textContent = document.getElementById("live-status").dataset.refused;
  document.getElementById("chat-errors")?.replaceChildren(error);
}, true);
onReached(() => document.getElementById("chat-errors")?.replaceChildren());
