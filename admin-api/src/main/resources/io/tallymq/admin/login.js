// The form by which one logs in. The session is the browser's: this page never sees it, nor keeps the password.

import { ask } from "./api.js";
import { el } from "./dom.js";
import { form } from "./form.js";

export default function login(text, then) {
  return el("section", { class: "login", "aria-labelledby": "login-title" },
    el("h1", { id: "login-title" }, "Log in"),
    text && el("p", { class: "problem", role: "alert" }, text),
    form([
      { name: "username", label: "User", required: true, autocomplete: "username" },
      { name: "password", label: "Password", kind: "password", required: true, autocomplete: "current-password" },
    ], async values => then(await ask("/api/login", { method: "POST", raw: new URLSearchParams(values).toString() })),
    { yes: "Log in" }));
}
