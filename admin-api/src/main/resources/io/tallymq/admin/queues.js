// All queues, sorted, filtered and paged by the server; those that are chosen, or all that the filter lets through, are purged and deleted.

import { all, api, each, put, remove } from "./api.js";
import { el, button, link, name, say } from "./dom.js";
import { bytesOf, rateOf } from "./format.js";
import { formDialog, given } from "./form.js";
import { here, href, go, remember } from "./router.js";
import { many, vhostNames } from "./actions.js";
import { List } from "./list.js";
import { number, text } from "./table.js";

const FEATURES = [
  ["durable", row => row.durable, "D", "durable"],
  ["auto", row => row.auto_delete, "AD", "deleted with its last consumer"],
  ["exclusive", row => row.exclusive, "Excl", "of one connection"],
  ["args", row => Object.keys(row.arguments ?? {}).length > 0, "Args", "has arguments"],
];

export const features = row => FEATURES.filter(([, is]) => is(row)).map(([, , short, long]) => el("abbr", { title: long }, short));

const COLUMNS = [
  text("Name", "name", (v, row) => link(href("queue", row.vhost, row.name), name(v))),
  text("Virtual host", "vhost"),
  text("Type", "type"),
  { title: "Features", path: null, write: (v, row) => features(row) },
  text("Policy", "policy"),
  text("State", "state"),
  number("Ready", "messages_ready"),
  number("Unacked", "messages_unacknowledged"),
  number("Total", "messages"),
  number("Bytes", "message_bytes", bytesOf),
  number("Consumers", "consumers"),
  number("In", "message_stats.publish_details.rate", rateOf),
  number("Delivered", "message_stats.deliver_get_details.rate", rateOf),
  number("Acked", "message_stats.ack_details.rate", rateOf),
];

const TYPES = [["", "default"], ["classic", "classic"], ["quorum", "quorum"], ["stream", "stream"]];
const queuePath = row => api("queues", row.vhost, row.name);

/** A select of virtual hosts, "" for all, which stands in the address. */
export function vhostFilter(changed) {
  const chosen = here().query.get("vhost") ?? "";
  const select = el("select", { "aria-label": "Virtual host", on: { change: () => {
    remember({ vhost: select.value });
    changed();
  } } }, el("option", { value: "" }, "All virtual hosts"));
  if (chosen) {
    select.append(el("option", { value: chosen, selected: true }, chosen));
  }
  vhostNames().then(names => names.filter(n => n !== chosen).forEach(n => select.append(el("option", { value: n }, n))), () => {});
  return select;
}

export default function queues(names, app) {
  const vhost = vhostFilter(() => list.first());
  const path = () => vhost.value ? api("queues", vhost.value) : "/api/queues";

  const work = {
    Purge: row => remove(queuePath(row) + "/contents"),
    Delete: row => remove(queuePath(row)),
  };
  async function act(verb, rows) {
    const left = await many(verb, rows, (told, stopped) => each(rows, work[verb], { told, stopped }));
    if (left) {
      list.choose(left);
      app.refresh();
    }
  }
  async function actOnAll(verb) {
    const rows = await all(path(), { ...list.filtered(), columns: "name,vhost,messages" }).catch(error => say(error.message, true));
    if (rows?.length) {
      await act(verb, rows);
    } else if (rows) {
      say("There is none.");
    }
  }

  async function declare() {
    const hosts = await vhostNames();
    let made;
    if (await formDialog("Declare a queue", [
      { name: "vhost", label: "Virtual host", kind: "select", options: hosts, value: vhost.value || hosts[0] },
      { name: "name", label: "Name", required: true },
      { name: "type", label: "Type", kind: "select", options: TYPES, hint: "Queues of every type are replicated to all nodes." },
      { name: "durable", label: "Durable", kind: "check", value: true },
      { name: "auto_delete", label: "Deleted with its last consumer", kind: "check" },
      { name: "ttl", label: "Messages expire after (ms)", kind: "number", min: 0 },
      { name: "max", label: "Most messages", kind: "number", min: 0 },
      { name: "dlx", label: "Dead letter exchange" },
      { name: "dlk", label: "Dead letter routing key" },
      { name: "arguments", label: "Further arguments (JSON)", kind: "json", placeholder: "{}" },
    ], async v => {
      made = v;
      await put(queuePath(v), { durable: v.durable, auto_delete: v.auto_delete, arguments: given({
        "x-queue-type": v.type, "x-message-ttl": v.ttl, "x-max-length": v.max, "x-dead-letter-exchange": v.dlx,
        "x-dead-letter-routing-key": v.dlk, ...v.arguments }) });
    }, "Declare")) {
      say("The queue is there.");
      go("queue", made.vhost, made.name);
    }
  }

  const list = new List({
    title: "Queues", path, columns: COLUMNS, nothing: "No queues.", beside: [vhost, button("Declare", declare, { class: "primary" })],
    actions: [
      { text: "Purge", act: rows => act("Purge", rows) },
      { text: "Delete", danger: true, act: rows => act("Delete", rows) },
    ],
  });
  list.node.append(el("details", { class: "bulk" }, el("summary", {}, "All that the filter lets through"),
    el("div", { class: "buttons left" }, button("Purge all of these", () => actOnAll("Purge"), { class: "danger" }),
      button("Delete all of these", () => actOnAll("Delete"), { class: "danger" }))));
  return { title: "Queues", node: el("div", {}, el("h1", { class: "unseen" }, "Queues"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
