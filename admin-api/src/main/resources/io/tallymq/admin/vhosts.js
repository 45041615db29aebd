// Virtual hosts.

import { api, ask, post, put, remove } from "./api.js";
import { el, button, link, name, visible } from "./dom.js";
import { formDialog } from "./form.js";
import { confirm } from "./dialog.js";
import { List } from "./list.js";
import { cell, number, text } from "./table.js";
import { attempt } from "./actions.js";

function edit(row) {
  return formDialog(row ? `Change ${visible(row.name)}` : "Add a virtual host", [
    !row && { name: "name", label: "Name", required: true },
    { name: "description", label: "Description", value: row?.description },
    { name: "tags", label: "Tags", value: row?.tags?.join(","), hint: "with commas in between" },
    { name: "default_queue_type", label: "Type of queues without one", kind: "select", value: row?.default_queue_type ?? "classic",
      options: ["classic", "quorum", "stream"] },
  ], ({ name: fresh, default_queue_type: type, ...v }) => // what is not changed is not said, and stays: also that there is none
    put(api("vhosts", row?.name ?? fresh), type === (row?.default_queue_type ?? "classic") ? v : { ...v, default_queue_type: type }),
  row ? "Change" : "Add");
}

async function drop(row) {
  const inside = await ask(api("queues", row.name) + "?page=1&page_size=1&columns=name").catch(() => null);
  const text = `All that is in it goes${inside ? `: ${inside.filtered_count} queues and their messages` : ""}. Its connections are closed.`;
  return await confirm(`Delete ${visible(row.name)}?`, text, { typed: row.name })
    && attempt(() => remove(api("vhosts", row.name)), "The virtual host is deleted.");
}

export default function vhosts(names, app) {
  const may = app.user.administers;
  async function protect(row) {
    const on = row.protected_from_deletion;
    if ((!on || await confirm(`Unprotect ${visible(row.name)}?`, "It can be deleted then, with all that is in it.", { yes: "Unprotect" }))
        && await attempt(() => (on ? remove : post)(api("vhosts", row.name) + "/deletion/protection"))) {
      app.refresh();
    }
  }
  const list = new List({
    title: "Virtual hosts", path: "/api/vhosts", nothing: "None that this user may enter.",
    beside: may ? [button("Add", async () => await edit() && app.refresh(), { class: "primary" })] : [],
    columns: [
      text("Name", "name", v => link(`#/queues?vhost=${encodeURIComponent(v)}`, name(v))),
      text("Description", "description"),
      cell("Tags", row => visible((row.tags ?? []).join(", "))),
      text("Type of queues", "default_queue_type"),
      number("Ready", "messages_ready"), number("Unacked", "messages_unacknowledged"),
      text("Protected", "protected_from_deletion", v => v ? "from deletion" : "no"),
      ...may ? [cell("", row => el("div", { class: "buttons left" },
        button("Change", async () => await edit(row) && app.refresh()),
        button(row.protected_from_deletion ? "Unprotect" : "Protect", () => protect(row)),
        button("Delete", async () => await drop(row) && app.refresh(), { class: "danger", disabled: row.protected_from_deletion })))] : [],
    ],
  });
  return { title: "Virtual hosts", node: el("div", {}, el("h1", { class: "unseen" }, "Virtual hosts"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
