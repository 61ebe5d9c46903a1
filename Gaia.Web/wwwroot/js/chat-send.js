// What is sent has a key that stays the same until it is known to have arrived, also through a reload: to send it again sends nothing twice.
const input = () => document.getElementById("idempotency-key-input");
// As randomUUID, which is there with HTTPS alone.
const random = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const place = () => `sending:${document.getElementById("conversation-id-input")?.value || "new"}`;

document.addEventListener("submit", (event) => {
  if (event.target.id !== "chat-form") return;
  const key = sessionStorage.getItem(place()) ?? random();
  sessionStorage.setItem(place(), key);
  input().value = key;
}, true);

// What says something else is not the same any more.
const forget = (event) => {
  if (event.target.closest?.("#chat-form")) sessionStorage.removeItem(place());
};
document.addEventListener("input", forget);
document.addEventListener("change", forget);

document.body.addEventListener("message-sent", () => {
  sessionStorage.removeItem(place());
  if (input()) input().value = "";
});
