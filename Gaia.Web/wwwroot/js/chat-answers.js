// Answers as they are made. Each has a place on the page (a [data-stream]); its stream adds small pieces to it, and when it is over the
// finished message takes its place. A stream that breaks off is opened again and begins from the start of the answer.
import { enhance } from "./chat-text.js";
import { keepingEnd, toEnd } from "./chat-scroll.js";

const sources = new Map();
const maxSpoken = 4000;
const retryAfter = 2000;

const messages = () => document.getElementById("messages");

export const say = (text) => {
  const announcer = document.getElementById("chat-announcer");
  if (announcer) announcer.textContent = text;
};

/** Whether an answer is being made on this page. */
export const isRunning = () => [...document.querySelectorAll("[data-stream]")].some((article) => sources.has(article));

const showRunning = () => {
  const running = isRunning();
  const stop = document.getElementById("chat-stop-button");
  const send = document.getElementById("chat-send-button");
  if (!stop || !send) return;
  const focused = document.activeElement === stop || document.activeElement === send;
  stop.hidden = !running;
  send.hidden = running;
  if (focused) document.getElementById("chat-message-input")?.focus();
};

const earlier = () => messages()?.querySelector("[data-loads='earlier']");

/** Whether the end of the conversation is on the page. */
export const hasEnd = () => !messages()?.querySelector("[data-loads='later']");

/** What the answer will take the place of: everything between its question and it. */
const replaced = (article) => {
  const question = document.getElementById(`message-${article.dataset.questionId}`);
  const found = [];
  // Where the question is further up than what is loaded, all that is loaded came after it.
  for (let next = (question ?? earlier())?.nextElementSibling; next && next !== article; next = next.nextElementSibling) found.push(next);
  return found;
};

/** Whether what would load earlier messages begins at one that is gone. */
const isCutOff = () => {
  const loader = earlier();
  return Boolean(loader) && !document.getElementById(`message-${new URL(loader.getAttribute("hx-get"), location.href).searchParams.get("before")}`);
};

/** Shows the end of the conversation anew, where what is on the page does not fit together any more. */
const reopen = (article) => {
  const url = article.dataset.messageUrl.replace(/\/messages\/.*$/, "");
  history.replaceState(history.state, "", url);
  window.htmx?.ajax("GET", url, { target: "#main-content", swap: "innerHTML" });
};

/** Fetches parts of a page; null when they are not there. Throws when nobody answers. */
export const fetchContent = async (url) => {
  const response = await fetch(url, { headers: { "HX-Request": "true", "HX-Current-URL": location.href, Accept: "text/html" } });
  const login = response.headers.get("HX-Redirect");
  if (login) location.assign(login);
  if (response.status === 404 || response.status === 204 || login) return null;
  if (!response.ok) throw new Error(String(response.status));
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content;
};

export const fetchPart = async (url) => (await fetchContent(url))?.querySelector("article") ?? null;

/** Whether the answer is still being made, though its stream is not there. */
const isGoingOn = async (article) => (await fetchPart(article.dataset.messageUrl.replace(/messages\/.*$/, "running")))?.id === article.id;

/** Makes htmx and the rest know of an element that was put on the page. */
export const adopt = (element) => {
  window.htmx?.process(element);
  enhance(element);
  attach(element);
};

/** What was said in other words goes on from there: all that follows is gone, but not what is said from then on. */
const clearAfter = (article) => {
  if (!("edited" in article.dataset)) return;
  while (article.nextElementSibling) article.nextElementSibling.remove();
  delete article.dataset.edited;
};

const showError = (article, text) => {
  const error = article.querySelector("[data-answer-error]");
  article.querySelector("[data-bubble]").hidden = article.querySelector("[data-blocks]").childElementCount === 0;
  article.removeAttribute("aria-busy");
  error.querySelector("[data-error-text]").textContent = text;
  error.hidden = false;
  for (const element of replaced(article)) element.hidden = false;
  say(text);
};

const finish = async (article) => {
  const source = sources.get(article);
  source?.close();
  // It may be over before its stream was opened.
  clearAfter(article);
  const { failure, reason } = article.answer ?? {};
  let message;
  let goesOn = false;
  try {
    message = article.isConnected ? await fetchPart(article.dataset.messageUrl) : null;
    goesOn = !message && !failure && !reason && !article.stopped && article.isConnected && (await isGoingOn(article));
  } catch {
    if (!article.isConnected) sources.delete(article);
    else setTimeout(() => finish(article), retryAfter);
    article.querySelector("[data-lost]").hidden = false;
    return;
  }
  if (goesOn) {
    setTimeout(() => watch(article), retryAfter);
    return;
  }
  sources.delete(article);
  if (!article.isConnected) return;
  if (message) {
    keepingEnd(() => {
      for (const element of replaced(article)) element.remove();
      document.getElementById(message.id)?.remove();
      article.replaceWith(message);
      adopt(message);
    });
    if (isCutOff()) reopen(article);
    const text = message.querySelector(".message-text")?.innerText ?? "";
    say(failure ?? `Gaia answered: ${text.length > maxSpoken ? `${text.slice(0, maxSpoken)}…` : text}`);
  } else showError(article, failure ?? (reason === "cancelled" || article.stopped ? "Stopped before anything was said." : "Gaia could not answer."));
  showRunning();
  document.body.dispatchEvent(new CustomEvent("conversations-changed"));
};

const isOpen = (source) => source.readyState !== EventSource.CLOSED;

/** For an answer that is said to be over: shows it, where its stream does not say so soon. */
export const settle = (messageId) => {
  const article = document.getElementById(`response-${messageId}`);
  if (!article) return;
  const source = sources.get(article);
  if (!source) finish(article);
  else setTimeout(() => {
    if (sources.get(article) === source && isOpen(source)) finish(article);
  }, retryAfter);
};

/** Opens all streams anew: a connection that broke may look open for ever. */
export const rewatch = () => {
  for (const [article, source] of [...sources]) {
    if (!article.isConnected || !isOpen(source)) continue;
    source.close();
    watch(article);
  }
};

const begin = (article) => {
  article.querySelector("[data-blocks]").replaceChildren();
  article.querySelector("[data-tail]").textContent = "";
  article.querySelector("[data-lost]").hidden = true;
  article.answer = {};
};

const take = (article, event) => {
  const tail = article.querySelector("[data-tail]");
  if (event.content !== undefined || event.html !== undefined) article.querySelector("[data-loading]").hidden = true;
  switch (event.type) {
    case "start":
      begin(article);
      break;
    case "content":
      keepingEnd(() => tail.append(event.content));
      break;
    case "block": {
      const blocks = article.querySelector("[data-blocks]");
      keepingEnd(() => {
        blocks.insertAdjacentHTML("beforeend", event.html);
        tail.textContent = event.content ?? "";
      });
      enhance(blocks);
      break;
    }
    case "error":
      article.answer.failure = event.error;
      break;
    case "end":
      article.answer = { ...article.answer, reason: event.finish_reason };
      break;
  }
};

const watch = (article) => {
  const source = new EventSource(article.dataset.stream);
  sources.set(article, source);
  article.answer = {};
  clearAfter(article);
  for (const element of replaced(article)) element.hidden = true;
  source.onmessage = ({ data }) => {
    if (!article.isConnected) {
      source.close();
      sources.delete(article);
    } else if (data === "[DONE]") finish(article);
    else take(article, JSON.parse(data));
  };
  source.onerror = () => {
    if (!article.isConnected || source.readyState === EventSource.CLOSED) finish(article);
    else article.querySelector("[data-lost]").hidden = false;
  };
};

/** Opens the streams of the answers below root that have none yet. */
export const attach = (root) => {
  const found = [...(root.matches?.("[data-stream]") ? [root] : []), ...root.querySelectorAll("[data-stream]")].filter((article) => article.isConnected && !sources.has(article));
  if (found.length > 0 && !hasEnd()) {
    reopen(found[0]);
    return;
  }
  for (const article of found) watch(article);
  for (const [article, source] of sources) {
    if (article.isConnected) continue;
    source.close();
    sources.delete(article);
  }
  if (found.length > 0 && root.closest?.("#messages")) toEnd();
  showRunning();
};

document.addEventListener("click", (event) => {
  if (event.target.closest("#chat-stop-button")) for (const article of sources.keys()) article.stopped = true;
});

/** Puts a message where its time says, or in the place of what it was. */
export const place = (message) => {
  const old = document.getElementById(message.id);
  keepingEnd(() => {
    if (old) old.replaceWith(message);
    else {
      messages().querySelector("[data-unanswered]")?.remove();
      const later = [...messages().querySelectorAll("article[data-time]")].find((other) => BigInt(other.dataset.time) > BigInt(message.dataset.time));
      const loader = messages().querySelector("[data-loads='later']");
      if (later) later.before(message);
      else if (loader) return;
      else messages().append(message);
    }
    adopt(message);
  });
};
