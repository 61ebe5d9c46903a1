// A Supabase project has confirmed the address before it leads here, with a session behind the #. Nobody is signed in with that: it only
// says that all went well, and is taken out of the address bar and the history.
const answer = new URLSearchParams(location.hash.slice(1));
const message = document.getElementById("confirm-message");

if (answer.has("access_token")) {
  location.replace("/login?verified=true");
} else {
  history.replaceState(null, "", location.pathname);
  // Not what the address says of an error: anybody can write that.
  message.textContent = message.dataset.missing;
}
