// The last 1000 changes of users, virtual hosts, permissions and limits.

import { el } from "./dom.js";
import { timeOf } from "./format.js";
import { List } from "./list.js";
import { number, text } from "./table.js";

export default function audit() {
  const list = new List({
    title: "Audit", path: "/api/audit", nothing: "Nothing was changed yet.", search: "Subject",
    columns: [number("No.", "number"), text("When", "timestamp", timeOf), text("By", "by"), text("From", "from"), text("What", "what"), text("Subject", "subject")],
  });
  list.node.append(el("p", { class: "quiet" }, "The last 1000 changes, the newest first."));
  return { title: "Audit", node: el("div", {}, el("h1", { class: "unseen" }, "Audit"), list.node), refresh: () => list.refresh(), close: () => list.close() };
}
