// All connections, of every node.

import { api, each, remove } from "./api.js";
import { el, link, name, say } from "./dom.js";
import { bytesRateOf } from "./format.js";
import { formDialog } from "./form.js";
import { href } from "./router.js";
import { List } from "./list.js";
import { number, text } from "./table.js";
import { progress } from "./dialog.js";

const COLUMNS = [
  text("Name", "name", v => link(href("connection", v), name(v))),
  text("Client", "user_provided_name"),
  text("User", "user"),
  text("Virtual host", "vhost"),
  text("Node", "node"),
  text("State", "state"),
  number("Channels", "channels"),
  number("From client", "recv_oct_details.rate", bytesRateOf),
  number("To client", "send_oct_details.rate", bytesRateOf),
];

/** Asks why, and closes them; those that are left, null if it was not begun, or the only one is. */
export async function close(rows) {
  let why = "";
  const one = rows.length === 1;
  const sure = await formDialog(one ? "Close the connection?" : `Close ${rows.length} connections?`, [
    { name: "reason", label: "Why (the client is told)", value: "Closed from the management page" },
  ], async v => { why = v.reason; }, one ? "Close it" : "Close them");
  if (!sure) {
    return null;
  }
  const work = row => remove(api("connections", row.name), why.replace(/[^\x20-\x7e]/g, "?"));
  if (one) {
    return work(rows[0]).then(() => { say("The connection is closed."); return []; }, error => { say(error.message, true); return null; });
  }
  return progress(`Close ${rows.length} connections`, (told, stopped) => each(rows, work, { told, stopped }));
}

export default function connections(names, app) {
  const list = new List({
    title: "Connections", path: "/api/connections", columns: COLUMNS, nothing: "No connections.",
    actions: [{ text: "Close", danger: true, act: async rows => {
      const left = await close(rows);
      if (left) {
        list.choose(left);
        app.refresh();
      }
    } }],
  });
  return { title: "Connections", node: el("div", {}, el("h1", { class: "unseen" }, "Connections"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
