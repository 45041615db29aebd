// Limits of virtual hosts and of users.

import { api, ask, put, remove } from "./api.js";
import { el, button, name, visible } from "./dom.js";
import { numberOf } from "./format.js";
import { confirm } from "./dialog.js";
import { formDialog } from "./form.js";
import { List } from "./list.js";
import { cell, text } from "./table.js";
import { attempt, vhostNames } from "./actions.js";

const KINDS = {
  vhost: { title: "Of virtual hosts", limits: ["max-connections", "max-queues"], names: vhostNames },
  user: { title: "Of users", limits: ["max-connections", "max-channels"], names: async () => (await ask("/api/users")).map(u => u.name) },
};

function list(whose, app) {
  const kind = KINDS[whose];
  const may = app.user.administers;
  const path = whose + "-limits";
  async function set() {
    const names = await kind.names();
    if (await formDialog("Set a limit", [
      { name: "of", label: whose === "vhost" ? "Virtual host" : "User", kind: "select", options: names },
      { name: "limit", label: "Limit", kind: "select", options: kind.limits },
      { name: "value", label: "So many at most", kind: "number", min: 0, required: true, value: 100 },
    ], v => put(api(path, v.of, v.limit), { value: v.value }))) {
      app.refresh();
    }
  }
  async function clear(owner, limit) {
    if (await confirm(`Lift ${limit} of ${visible(owner)}?`, "There may be any number then.", { yes: "Lift" })
        && await attempt(() => remove(api(path, owner, limit)), "The limit is gone.")) {
      app.refresh();
    }
  }
  return new List({
    title: kind.title, path: "/api/" + path, keep: false, search: null, nothing: "No limits.",
    beside: may ? [button("Set", set, { class: "primary" })] : [],
    columns: [
      text("Of", whose, v => name(v)),
      ...kind.limits.map(limit => cell(limit, row => {
        const value = row.value[limit];
        return value === undefined ? "none" : [numberOf(value) + " ", may
          ? button("Lift", () => clear(row[whose], limit), { "aria-label": `Lift ${limit} of ${row[whose]}` }) : null];
      })),
    ],
  });
}

export default function limits(names, app) {
  const lists = [list("vhost", app), ...app.user.monitors ? [list("user", app)] : []];
  return {
    title: "Limits",
    node: el("div", {}, el("h1", { class: "unseen" }, "Limits"), lists.map(l => l.node)),
    refresh: () => Promise.all(lists.map(l => l.refresh())),
    close: () => lists.forEach(l => l.close()),
  };
}
