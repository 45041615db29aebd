// Health checks, as load balancers and supervisors ask for them.

import { ask } from "./api.js";
import { el, button, section } from "./dom.js";
import { cell, Table, text } from "./table.js";

const CHECKS = [
  ["alive", "The node's process answers."],
  ["ready-to-serve-clients", "The node follows a leader, so publishes are confirmed."],
  ["alarms", "No node has an alarm of memory or disk."],
  ["local-alarms", "This node has none."],
  ["node-is-quorum-critical", "This node could go, and there would be a majority still."],
  ["certificate-expiration/1/months", "The certificate is good for a month more, if there is one."],
];
const PATH = "/api/health/checks/";

async function run([check, means]) {
  try {
    const body = await ask(PATH + check);
    return { check, means, passed: true, reason: body?.reason };
  } catch (error) {
    return { check, means, passed: error.status === 404 ? undefined : false, reason: error.message };
  }
}

const COLUMNS = [
  text("Check", "check", v => el("code", {}, v)),
  cell("", row => row.passed === undefined ? el("span", { class: "state" }, "unknown")
    : el("span", { class: row.passed ? "state good" : "state bad" }, row.passed ? "passed" : "failed")),
  text("Passes if", "means", v => v),
  text("Says", "reason", v => v ?? ""),
];
COLUMNS[1].title = "Result";

export default function health() {
  const results = new Table(COLUMNS, "Health checks");
  const path = el("div", { role: "status" });
  async function confirmPath() {
    path.replaceChildren("Writing \u2026");
    try {
      const found = await ask(PATH + "confirm-path");
      path.replaceChildren(el("p", {}, el("span", { class: "state good" }, "passed"), ` entry ${found.index}, after ${found.milliseconds} ms`));
    } catch (error) {
      path.replaceChildren(el("p", {}, el("span", { class: "state bad" }, "failed"), ` ${error.message}`));
    }
  }
  return {
    title: "Health",
    node: el("div", {}, el("h1", { class: "unseen" }, "Health"),
      section("Health checks of this node", null, results.node),
      section("The path of a confirm", button("Write an entry", confirmPath),
        el("p", { class: "quiet" }, "Writes an entry that a majority of the nodes has to flush, as for a publish, and tells how long it took."), path)),
    async refresh() {
      results.show(await Promise.all(CHECKS.map(run)));
    },
  };
}
