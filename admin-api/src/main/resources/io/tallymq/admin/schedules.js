// Messages whose time is still to come.

import { api, put, remove } from "./api.js";
import { el, button, name, visible } from "./dom.js";
import { bytesOf, timeOf } from "./format.js";
import { formDialog } from "./form.js";
import { confirm } from "./dialog.js";
import { List } from "./list.js";
import { cell, number, text } from "./table.js";
import { attempt, vhostNames } from "./actions.js";

export default function schedules(names, app) {
  async function add() {
    const hosts = await vhostNames();
    if (await formDialog("Schedule a message", [
      { name: "vhost", label: "Virtual host", kind: "select", options: hosts },
      { name: "key", label: "Id", required: true, hint: "A later one of the same id takes its place." },
      { name: "at", label: "At", kind: "datetime-local", required: true },
      { name: "exchange", label: "Exchange", hint: "Empty: the default exchange." },
      { name: "routing_key", label: "Routing key" },
      { name: "payload", label: "Payload", kind: "text area" },
    ], ({ vhost, key, at, ...v }) => put(api("schedules", vhost, key), { ...v, deliver_at: new Date(at).toISOString() }), "Schedule")) {
      app.refresh();
    }
  }
  const callOff = async row => await confirm(`Call off ${visible(row.key)}?`, "The message is not delivered.", { yes: "Call off" })
    && await attempt(() => remove(api("schedules", row.vhost, row.key)), "It is called off.") && app.refresh();
  const list = new List({
    title: "Schedules", path: "/api/schedules", nothing: "No message waits for its time.", search: "Id",
    beside: [button("Schedule", add, { class: "primary" })],
    columns: [
      text("Id", "key"), text("Virtual host", "vhost"), text("At", "deliver_at", timeOf), text("Exchange", "exchange", v => name(v, "(default)")),
      text("Routing key", "routing_key"), number("Payload", "payload_bytes", bytesOf),
      cell("", row => button("Call off", () => callOff(row), { "aria-label": `Call off ${row.key}` })),
    ],
  });
  return { title: "Schedules", node: el("div", {}, el("h1", { class: "unseen" }, "Schedules"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
