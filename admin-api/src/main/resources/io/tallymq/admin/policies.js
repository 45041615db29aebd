// Policies, and those of operators, which limit what policies may say.

import { api, put, remove } from "./api.js";
import { el, button, table, visible } from "./dom.js";
import { formDialog } from "./form.js";
import { confirm } from "./dialog.js";
import { List } from "./list.js";
import { cell, number, text } from "./table.js";
import { attempt, vhostNames } from "./actions.js";

const APPLY = [["all", "all"], ["queues", "queues"], ["classic_queues", "classic queues"], ["quorum_queues", "quorum queues"], ["streams", "streams"],
  ["exchanges", "exchanges"]];

function list(kind, title, may, app) {
  async function edit(row) {
    const hosts = row ? [row.vhost] : await vhostNames();
    return formDialog(row ? `Change ${visible(row.name)}` : "Add a policy", [
      { name: "vhost", label: "Virtual host", kind: "select", options: hosts },
      !row && { name: "name", label: "Name", required: true },
      { name: "pattern", label: "For names that match", required: true, value: row?.pattern, hint: "A regular expression (RE2): ^orders\\." },
      { name: "apply-to", label: "Of", kind: "select", options: APPLY, value: row?.["apply-to"] ?? "all" },
      { name: "priority", label: "Priority", kind: "number", value: row?.priority ?? 0, hint: "The highest one acts." },
      { name: "definition", label: "Definition (JSON)", kind: "json", rows: 5, value: row ? JSON.stringify(row.definition, null, 1) : "{\"max-length\": 1000000}" },
    ], ({ vhost, name: fresh, ...v }) => put(api(kind, vhost, row?.name ?? fresh), v));
  }
  const drop = async row => await confirm(`Delete ${visible(row.name)}?`, "It no longer acts on what is there.")
    && await attempt(() => remove(api(kind, row.vhost, row.name)), "The policy is deleted.") && app.refresh();
  return new List({
    title, path: "/api/" + kind, keep: false, nothing: "None.",
    beside: may ? [button("Add", async () => await edit() && app.refresh(), { class: "primary" })] : [],
    columns: [
      text("Name", "name"), text("Virtual host", "vhost"), text("Pattern", "pattern", v => el("code", {}, visible(v))),
      text("Of", "apply-to"), number("Priority", "priority"), cell("Definition", row => table(row.definition)),
      ...may ? [cell("", row => el("div", { class: "buttons left" },
        button("Change", async () => await edit(row) && app.refresh()), button("Delete", () => drop(row), { class: "danger" })))] : [],
    ],
  });
}

export default function policies(names, app) {
  const users = list("policies", "Policies", app.user.makesPolicies, app);
  const operators = list("operator-policies", "Operator policies", app.user.administers, app);
  return {
    title: "Policies",
    node: el("div", {}, el("h1", { class: "unseen" }, "Policies"), users.node, operators.node),
    refresh: () => Promise.all([users.refresh(), operators.refresh()]),
    close: () => [users, operators].forEach(l => l.close()),
  };
}
