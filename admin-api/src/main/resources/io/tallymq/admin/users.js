// Users and what each may see.

import { api, ask, put, remove } from "./api.js";
import { el, button, link, name, visible } from "./dom.js";
import { formDialog } from "./form.js";
import { href } from "./router.js";
import { confirm } from "./dialog.js";
import { List } from "./list.js";
import { cell, text } from "./table.js";
import { attempt } from "./actions.js";

const TAGS = [["", "none: AMQP only"], ["management", "management: sees his own"], ["policymaker", "policymaker: policies, too"],
  ["monitoring", "monitoring: sees everything"], ["administrator", "administrator: may do everything"]];

/** The first tag that there is a choice for, and all others as text: what the page does not know stays. */
export function split(tags) {
  const chosen = tags.find(tag => TAGS.some(([known]) => known === tag)) ?? "";
  return { chosen, others: tags.filter(tag => tag !== chosen).join(", ") };
}

export const joined = ({ chosen, others }) =>
  [...new Set([chosen, ...others.split(",")].map(tag => tag.trim()).filter(Boolean))].join(",");

/** A user is put with one or without; what is kept is asked for now, as another one may have been set since the page was drawn. */
async function password(user, typed) {
  if (typed) {
    return { password: typed };
  }
  if (!user) {
    return { password_hash: "" };
  }
  const now = await ask(api("users", user.name));
  return { password_hash: now.password_hash, hashing_algorithm: now.hashing_algorithm };
}

/** Name, password and tags: of a new user, or of one that there is. */
export function edit(user) {
  const { chosen, others } = split(user?.tags ?? []);
  return formDialog(user ? `Change ${visible(user.name)}` : "Add a user", [
    !user && { name: "name", label: "Name", required: true },
    { name: "password", label: user ? "New password" : "Password", kind: "password", autocomplete: "new-password",
      hint: user ? "Left empty it stays as it is." : "Left empty there is no login with a password." },
    { name: "chosen", label: "Tag", kind: "select", options: TAGS, value: chosen },
    { name: "others", label: "More tags", value: others, hint: "with commas in between" },
  ], async v => put(api("users", user?.name ?? v.name), { tags: joined(v), ...await password(user, v.password) }),
  user ? "Change" : "Add");
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
  return { title: "Users", node: el("div", {}, el("h1", { class: "unseen" }, "Users"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
