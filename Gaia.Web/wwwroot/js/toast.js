// Short messages that go away by themselves, but not while somebody reads them.
const lifetime = 6000;
const signs = { success: "✓", error: "✕", info: "i", warning: "!" };

export const show = (kind, text) => {
  const container = document.getElementById("toast-container");
  if (!container || !text) return;
  const toast = document.createElement("div");
  toast.className = `toast toast-${kind in signs ? kind : "info"}`;
  if (kind === "error") toast.setAttribute("role", "alert");

  const sign = document.createElement("span");
  sign.className = "toast-sign";
  sign.setAttribute("aria-hidden", "true");
  sign.textContent = signs[kind] ?? signs.info;
  const words = document.createElement("span");
  words.className = "toast-text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-close";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  toast.append(sign, words, close);

  let timer;
  const stay = () => clearTimeout(timer);
  const leave = () => {
    stay();
    timer = setTimeout(() => toast.remove(), lifetime);
  };
  close.addEventListener("click", () => toast.remove());
  toast.addEventListener("mouseenter", stay);
  toast.addEventListener("mouseleave", leave);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("focusout", leave);
  container.append(toast);
  leave();
};

export const toasts = {
  show: (text, kind = "info") => show(kind, text),
  success: (text) => show("success", text),
  error: (text) => show("error", text),
  info: (text) => show("info", text),
  warning: (text) => show("warning", text),
};
