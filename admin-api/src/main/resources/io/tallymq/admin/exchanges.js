// All exchanges.

import { api, put } from "./api.js";
import { el, button, link, name, table } from "./dom.js";
import { rateOf } from "./format.js";
import { formDialog, given } from "./form.js";
import { go, href } from "./router.js";
import { vhostNames } from "./actions.js";
import { features, vhostFilter } from "./queues.js";
import { List } from "./list.js";
import { number, text } from "./table.js";

const COLUMNS = [
  text("Name", "name", (v, row) => link(href("exchange", row.vhost, v), name(v, "(default)"))),
  text("Virtual host", "vhost"),
  text("Type", "type"),
  { title: "Features", path: null, write: (v, row) => [features(row), row.internal ? el("abbr", { title: "internal: clients can't publish to it" }, "I") : null].flat() },
  text("Policy", "policy"),
  { title: "Arguments", path: null, write: (v, row) => table(row.arguments) },
  number("In", "message_stats.publish_in_details.rate", rateOf),
  number("Out", "message_stats.publish_out_details.rate", rateOf),
];

const TYPES = ["direct", "fanout", "topic", "headers", "x-consistent-hash", "x-delayed-message", "x-recent-history", "x-random"];

export default function exchanges(names, app) {
  const vhost = vhostFilter(() => list.first());
  async function declare() {
    const hosts = await vhostNames();
    let made;
    if (await formDialog("Declare an exchange", [
      { name: "vhost", label: "Virtual host", kind: "select", options: hosts, value: vhost.value || hosts[0] },
      { name: "name", label: "Name", required: true },
      { name: "type", label: "Type", kind: "select", options: TYPES },
      { name: "durable", label: "Durable", kind: "check", value: true },
      { name: "auto_delete", label: "Deleted with its last binding", kind: "check" },
      { name: "internal", label: "Internal: only other exchanges publish to it", kind: "check" },
      { name: "alternate", label: "Alternate exchange", hint: "gets what no binding matches" },
      { name: "arguments", label: "Further arguments (JSON)", kind: "json" },
    ], async v => {
      made = v;
      await put(api("exchanges", v.vhost, v.name), { type: v.type, durable: v.durable, auto_delete: v.auto_delete, internal: v.internal,
        arguments: given({ "alternate-exchange": v.alternate, ...v.arguments }) });
    }, "Declare")) {
      go("exchange", made.vhost, made.name);
    }
  }
  const list = new List({
    title: "Exchanges", path: () => vhost.value ? api("exchanges", vhost.value) : "/api/exchanges", columns: COLUMNS,
    beside: [vhost, button("Declare", declare, { class: "primary" })],
  });
  return { title: "Exchanges", node: el("div", {}, el("h1", { class: "unseen" }, "Exchanges"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
