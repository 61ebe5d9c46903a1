// Whether the page reaches its service, and saying so. A WebSocket that is closed may mean little: some networks let none through, and
// then everything else works. So while one is closed the page asks for something small.
import { say } from "./chat-answers.js";

const lookEvery = 2000;
const lookWithin = 3000;
const patience = 5000;

const status = document.getElementById("live-status");
const down = new Set();
const listeners = [];
let state = "up";
let since;
let isLooking = false;

/** Whether it is of no use to send anything. */
export const isLost = () => state === "lost" || state === "over";

/** Calls back when the service is there again. */
export const onReached = (callback) => listeners.push(callback);

const show = (next) => {
  if (next === state) return;
  const before = state;
  state = next;
  document.body.classList.toggle("connection-lost", isLost());
  status.textContent = status.dataset[next] ?? "";
  if (next === "over") {
    const link = document.createElement("a");
    link.href = `/login?return_url=${encodeURIComponent(location.pathname)}`;
    link.textContent = "Sign in again";
    status.append(" ", link);
  }
  if (next === "up") say(status.dataset.back);
  if (before === "lost" && next !== "over") for (const callback of listeners) callback();
};

const reach = async () => {
  if (!navigator.onLine) return "lost";
  try {
    const response = await fetch("/api/session", { cache: "no-store", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(lookWithin) });
    if (!response.ok) return "lost";
    if (!(await response.json()).authenticated) return "over";
  } catch {
    return "lost";
  }
  return performance.now() - since > patience ? "paused" : "up";
};

const isDown = () => down.size > 0 || !navigator.onLine;

const look = async () => {
  if (isLooking || state === "over") return;
  isLooking = true;
  since = performance.now();
  while (isDown() && state !== "over") {
    const found = await reach();
    if (isDown()) show(found);
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
  isLooking = false;
};

/** What is known of one of the page's sockets. */
export const report = (name, isUp) => {
  if (isUp) down.delete(name);
  else down.add(name);
  if (isDown()) look();
  else if (state !== "over") show("up");
};

export const isSignedOut = () => show("over");

addEventListener("offline", () => look());
addEventListener("online", () => {
  if (!isDown() && state !== "over") show("up");
});
