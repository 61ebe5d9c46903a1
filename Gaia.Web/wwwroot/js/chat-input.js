// What is typed: kept for this tab and whoever is signed in until it is sent, through errors and reloads; and who answers, kept for the
// conversation.
import { isRunning } from "./chat-answers.js";

const maxHeight = 240;

// On a screen that is touched, keys come up with the focus and Enter is the only way to another line.
const touched = window.matchMedia("(pointer: coarse)");

const input = () => document.getElementById("chat-message-input");
const id = () => document.getElementById("conversation-id-input")?.value || "new";
const user = () => document.querySelector("[data-user]")?.dataset.user ?? "";
const draftKey = (area) => `draft:${user()}:${"edit" in area.dataset ? area.id : id()}`;
const choiceKey = (name, conversation = id()) => `choice:${user()}:${name}:${conversation}`;

/** Gives it the focus where that covers nothing. */
export const focusInput = () => {
  if (!touched.matches) input()?.focus({ preventScroll: true });
};

const fit = () => {
  const area = input();
  if (!area) return;
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight + 2, maxHeight)}px`;
};

/** Brings back what was typed and chosen in the conversation that the page shows now. */
export const restore = () => {
  const area = input();
  if (!area) return;
  if (!area.value) area.value = sessionStorage.getItem(draftKey(area)) ?? "";
  for (const select of document.querySelectorAll("[data-choice]")) {
    const kept = sessionStorage.getItem(choiceKey(select.dataset.choice)) ?? "";
    if ([...select.options].some((option) => option.value === kept)) select.value = kept;
  }
  fit();
};

const keep = (area) => {
  if (area.value && area.value !== area.defaultValue) sessionStorage.setItem(draftKey(area), area.value);
  else sessionStorage.removeItem(draftKey(area));
};

document.addEventListener("input", (event) => {
  const area = event.target;
  if (area.id !== "chat-message-input" && !area.matches?.("textarea[data-edit]")) return;
  keep(area);
  if (area === input()) fit();
});

// Other words for a message are kept, too, until they are sent or given up.
document.body.addEventListener("htmx:load", (event) => {
  for (const area of event.detail.elt.querySelectorAll("textarea[data-edit]")) area.value = sessionStorage.getItem(draftKey(area)) ?? area.value;
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig, target, xhr } = event.detail;
  // A refusal stands above the input, and the words stay.
  if (!requestConfig?.elt?.closest?.(".edit-form") || xhr.status >= 400 || target?.id === "chat-errors") return;
  const area = requestConfig.elt.closest(".edit-form").querySelector("textarea[data-edit]");
  if (area) sessionStorage.removeItem(draftKey(area));
});

document.addEventListener("change", (event) => {
  const { choice } = event.target.dataset ?? {};
  if (choice) sessionStorage.setItem(choiceKey(choice), event.target.value);
});

document.addEventListener("keydown", (event) => {
  const isEdit = event.target.matches?.("textarea[data-edit]");
  if (event.key !== "Enter" || event.shiftKey || touched.matches || event.isComposing || !(event.target.id === "chat-message-input" || isEdit)) return;
  event.preventDefault();
  if (!event.target.value.trim() || (isRunning() && !isEdit)) return;
  event.target.form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  // One answer at a time: what is typed meanwhile waits.
  if (event.target.id === "chat-form" && isRunning()) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

// The gateway has it: only now is it gone from here.
document.body.addEventListener("message-sent", () => {
  const area = input();
  if (!area) return;
  sessionStorage.removeItem(draftKey(area));
  area.value = "";
  fit();
  document.getElementById("chat-errors")?.replaceChildren();
});

// A conversation that has just begun goes on with what was chosen for it.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.requestConfig?.elt?.id !== "chat-form" || id() !== "new") return;
  const chosen = [...document.querySelectorAll("[data-choice]")].map((select) => [select.dataset.choice, select.value]);
  document.body.addEventListener("htmx:afterSwap", () => {
    for (const [name, value] of chosen) {
      sessionStorage.setItem(choiceKey(name), value);
      sessionStorage.removeItem(choiceKey(name, "new"));
    }
  }, { once: true });
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  // While it is being sent the field is disabled, and loses the focus.
  if (event.detail.requestConfig?.elt?.id === "chat-form") setTimeout(focusInput, 0);
});
