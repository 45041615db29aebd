// Users and what each may see.

import { api, put, remove } from "./api.js";
import { el, button, link, name, visible } from "./dom.js";
import { formDialog } from "./form.js";
import { href } from "./router.js";
import { confirm } from "./dialog.js";
import { cell, List, text } from "./table.js";
import { attempt } from "./actions.js";

const TAGS = [["", "none: AMQP only"], ["management", "management: sees his own"], ["policymaker", "policymaker: policies, too"],
  ["monitoring", "monitoring: sees everything"], ["administrator", "administrator: may do everything"]];

/** Name, password and tags: of a new user, or of one that there is. */
export function edit(user) {
  return formDialog(user ? `Change ${visible(user.name)}` : "Add a user", [
    !user && { name: "name", label: "Name", required: true },
    { name: "password", label: user ? "New password" : "Password", kind: "password", autocomplete: "new-password",
      hint: user ? "Left empty it stays as it is." : "Left empty there is no login with a password." },
    { name: "tags", label: "Tags", kind: user?.tags.length > 1 ? "text" : "select", options: TAGS, value: user?.tags.join(",") ?? "" },
  ], v => {
    const password = v.password ? { password: v.password }
      : user ? { password_hash: user.password_hash, hashing_algorithm: user.hashing_algorithm } : { password_hash: "" };
    return put(api("users", user?.name ?? v.name), { tags: v.tags, ...password });
  }, user ? "Change" : "Add");
}

export async function drop(user) {
  return await confirm(`Delete ${visible(user.name)}?`, "His connections are closed, his sessions and permissions end.")
    && attempt(() => remove(api("users", user.name)), "The user is deleted.");
}

export default function users(names, app) {
  const list = new List({
    title: "Users", path: "/api/users", nothing: "No users.",
    beside: [button("Add", async () => await edit() && app.refresh(), { class: "primary" })],
    columns: [
      text("Name", "name", v => link(href("user", v), name(v))),
      text("Tags", "tags", tags => tags.length ? visible(tags.join(", ")) : el("span", { class: "quiet" }, "none")),
      cell("Password", row => row.password_hash ? row.hashing_algorithm : "none"),
      cell("Limits", row => Object.entries(row.limits ?? {}).map(([k, v]) => `${k} ${v}`).join(", ")),
      cell("", row => button("Delete", async () => await drop(row) && app.refresh(), { class: "danger", "aria-label": `Delete ${row.name}` })),
    ],
  });
  return { title: "Users", node: el("div", {}, el("h1", { class: "unseen" }, "Users"), list.node), refresh: () => list.refresh() };
}
