// All channels.

import { el } from "./dom.js";
import { CHANNELS } from "./connection.js";
import { List } from "./list.js";

export default function channels() {
  const list = new List({ title: "Channels", path: "/api/channels", columns: CHANNELS, nothing: "No channels." });
  list.node.append(el("p", { class: "quiet" }, "A channel is closed with its connection. Of other nodes' channels those are known that consume or hold messages."));
  return { title: "Channels", node: el("div", {}, el("h1", { class: "unseen" }, "Channels"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
