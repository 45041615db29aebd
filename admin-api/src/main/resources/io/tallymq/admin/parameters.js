// Global parameters, and those of parts: JSON that is kept with the cluster.

import { api, put, remove } from "./api.js";
import { el, button, name, visible } from "./dom.js";
import { formDialog } from "./form.js";
import { confirm } from "./dialog.js";
import { List } from "./list.js";
import { cell, text } from "./table.js";
import { attempt } from "./actions.js";

const json = value => el("code", { class: "value" }, visible(JSON.stringify(value)));

function parse(value) {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error(`Value: this is not JSON (${error.message}). A text stands in quotes.`);
  }
}

const fields = row => [
  !row && { name: "name", label: "Name", required: true },
  { name: "value", label: "Value (JSON)", kind: "text area", value: row ? JSON.stringify(row.value, null, 2) : "", required: true, rows: 6,
    hint: "Any JSON, 4 KiB at most" },
];

const edit = row => formDialog(row ? `Change ${visible(row.name)}` : "Add a global parameter", fields(row),
  v => put(api("global-parameters", row?.name ?? v.name), { value: parse(v.value) }), row ? "Change" : "Add");

async function drop(row) {
  return await confirm(`Delete ${visible(row.name)}?`, "Tools that keep it with the cluster find none then.")
    && attempt(() => remove(api("global-parameters", row.name)), "The parameter is deleted.");
}

const pathOf = row => api("parameters", row.component, row.vhost, row.name);

const editPart = row => formDialog(`Change ${row.component} of ${visible(row.vhost)}`, fields(row), v => put(pathOf(row), { value: parse(v.value) }), "Change");

async function dropPart(row) {
  return await confirm(`Delete ${row.component} of ${visible(row.vhost)}?`, "The virtual host has no limits then.")
    && attempt(() => remove(pathOf(row)), "The parameter is deleted.");
}

export default function parameters(names, app) {
  const may = app.user.administers;
  const buttons = (row, change, remove_) => el("div", { class: "buttons left" },
    button("Change", async () => await change(row) && app.refresh(), { "aria-label": `Change ${row.name}` }),
    button("Delete", async () => await remove_(row) && app.refresh(), { class: "danger", "aria-label": `Delete ${row.name}` }));
  const own = new List({
    title: "Global parameters", path: "/api/global-parameters", nothing: "None.",
    beside: may ? [button("Add", async () => await edit() && app.refresh(), { class: "primary" })] : [],
    columns: [text("Name", "name"), cell("Value", row => json(row.value)), ...may ? [cell("", row => buttons(row, edit, drop))] : []],
  });
  const parts = new List({
    title: "Parameters of parts", path: "/api/parameters", nothing: "None.", keep: false, search: null,
    columns: [text("Part", "component"), text("Virtual host", "vhost", v => name(v)), text("Name", "name"), cell("Value", row => json(row.value)),
      ...may ? [cell("", row => row.component === "vhost-limits" && buttons(row, editPart, dropPart))] : []],
  });
  parts.node.append(el("p", { class: "quiet" }, "Operator policies are changed with the policies, limits here or with the limits."));
  return {
    title: "Parameters",
    node: el("div", {}, el("h1", { class: "unseen" }, "Parameters"), own.node, parts.node),
    refresh: () => Promise.all([own.refresh(), parts.refresh()]),
    close: () => [own, parts].forEach(l => l.close()),
  };
}
