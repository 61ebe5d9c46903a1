"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  url: "/openapi.json",
  domNode: document.getElementById("reference"),
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // A key typed here stays in this tab, and ends with it.
  persistAuthorization: false,
  // It would ask a server elsewhere.
  validatorUrl: null,
});
