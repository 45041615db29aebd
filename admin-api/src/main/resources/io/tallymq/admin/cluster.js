// The nodes, what each has of the log, and what becomes of publishes when some go.

import { ask, has, put } from "./api.js";
import { el, button, name, redraw, say, section } from "./dom.js";
import { bytesOf, numberOf, plural, spanOf, UNKNOWN } from "./format.js";
import { confirm } from "./dialog.js";
import { cell, number, Table, text } from "./table.js";

const yes = value => value === undefined ? UNKNOWN
  : el("span", { class: value ? "state good" : "state bad" }, value ? "yes" : "no");

// Decision 011.
const RANKS = {
  FIT: { good: true, why: "Nothing is known against it" },
  SLOW: { good: true, why: "Each flush of its log takes long" },
  BEHIND: { good: false, why: "It has much to apply before it would take entries" },
  LATE: { good: false, why: "Its log is not flushed, or its store takes nothing" },
};

const MEMBERS = [
  text("Node", "name"),
  text("Role", "role", role => role ? el("span", { class: role === "LEADER" ? "state good" : "state" }, role.toLowerCase()) : UNKNOWN),
  text("Reachable", "reachable", yes),
  text("Would lead", "rank", rank => rank === undefined ? UNKNOWN : el("span", { class: RANKS[rank]?.good ? "state good" : "state bad", title: RANKS[rank]?.why ?? "" }, rank.toLowerCase())),
  number("Behind by", "lag", lag => lag === undefined ? UNKNOWN : lag === 0 ? "nothing" : plural(lag, "entry", "entries")),
  text("Complete", "complete_at", at => at === undefined ? UNKNOWN : Date.now() - at < 10000 ? "yes" : `not since ${new Date(at).toLocaleTimeString()}`),
  number("Term", "term"),
  number("Committed", "commit_index"),
  number("Applied", "applied_index"),
  number("In the store", "durable_index", index => index === -1 ? "nothing yet" : numberOf(index)),
  text("Address", "host"),
];

const share = (used, of, write) => used === undefined ? UNKNOWN
  : [of ? el("meter", { value: used, max: of, high: of * .8, "aria-hidden": "true" }) : null, ` ${write(used)}`, of ? ` of ${write(of)}` : ""];

const MACHINES = [
  text("Node", "name"),
  text("Up for", "uptime", up => up ? spanOf(up) : UNKNOWN),
  text("Memory", "mem_used", (used, row) => share(used, row.mem_limit, bytesOf)),
  text("Disk free", "disk_free", (free, row) => free === undefined ? UNKNOWN
    : `${bytesOf(free)}${!row.disk_free_limit ? "" : `, alarm below ${bytesOf(row.disk_free_limit)}`}`),
  text("Files open", "fd_used", (used, row) => share(used, row.fd_total, numberOf)),
  number("Processors", "processors", n => n || UNKNOWN),
  cell("Alarms", row => row.mem_alarm || row.disk_free_alarm
    ? el("span", { class: "state bad" }, [row.mem_alarm && "memory", row.disk_free_alarm && "disk"].filter(Boolean).join(", ")) : "none"),
];

/** What happens when nodes go, of so many and with so many there. */
function outlook(members, serving) {
  const all = members.length;
  const majority = Math.floor(all / 2) + 1;
  const there = members.filter(m => m.reachable).length;
  const spare = there - majority;
  const lines = [`${plural(all, "node")}: a message is confirmed when ${majority} of them have it on disk. Every node holds every queue.`];
  if (all === 1) {
    lines.push("While it is down nothing is published or delivered. What was confirmed is on its disk.");
    return lines;
  }
  lines.push(spare < 0
    ? `${there} ${there === 1 ? "is" : "are"} reachable: no majority. Publishes wait, and nothing is delivered, until ${plural(-spare, "more node")}`
      + ` ${spare === -1 ? "is" : "are"} back. What was confirmed is not lost.`
    : !serving
      ? `${there} are reachable, which is a majority, but this node follows no leader at the moment: what is published here waits until it does.`
      : spare === 0
        ? `${there} are reachable, just a majority: publishes are confirmed, but with one node more down they wait until it is back.`
        : `${there} are reachable: ${plural(spare, "more node")} may go, and publishes go on within seconds, after an election if it is the leader.`
          + ` With ${spare + 1} down they wait until one is back. What was confirmed is not lost.`);
  lines.push("Clients of a node that goes lose their connection and connect to another one; what they had not acknowledged is delivered again.");
  return lines;
}

export default function cluster(names, app) {
  const leader = el("p", {});
  const members = new Table(MEMBERS, "Nodes");
  const machines = new Table(MACHINES, "Machines");
  const text = el("div", { class: "prose" });
  const beside = el("div", { class: "buttons" });
  const digest = el("div", { role: "status" });
  let asked = "";

  async function transfer(to) {
    const why = "Publishes wait for a moment while the leader changes.";
    if (await confirm(`Make ${to} the leader?`, why, { yes: "Make it the leader" })) {
      await put("/api/cluster/leader", { node: to }).then(() => say(`${to} leads.`), error => say(error.message, true));
      app.refresh();
    }
  }

  async function compare() {
    digest.replaceChildren("Each node computes a digest of all it holds \u2026");
    try {
      const own = await ask("/api/cluster/digest");
      digest.replaceChildren(el("p", {}, `At entry ${numberOf(own.index)} node ${own.node} holds ${own.digest}. Another node that answers something else`
        + ` for /api/cluster/digest?index=${own.index} has diverged.`));
    } catch (error) {
      digest.replaceChildren(el("p", { class: "problem" }, error.message));
    }
  }

  const node = el("div", {},
    el("h1", { class: "unseen" }, "Cluster"),
    section("Cluster", beside, leader, members.node),
    section("When a node goes", null, text),
    section("Machines", null, machines.node),
    section("Do all hold the same?", button("Compute a digest", compare), digest));
  return {
    title: "Cluster",
    node,
    async refresh() {
      const found = app.cluster;
      leader.replaceChildren("Leader: ", found.leader ? name(found.leader) : el("span", { class: "bad" }, "none known"),
        ` \u00b7 term ${numberOf(found.term)} \u00b7 level ${numberOf(found.level)} \u00b7 you are looking at `, name(found.node));
      members.show(found.members);
      text.replaceChildren(...outlook(found.members, found.serving).map(line => el("p", {}, line)));
      machines.show(app.nodes);
      const others = found.members.filter(m => found.leader && m.reachable && m.name !== found.leader).map(m => m.name).join();
      if (asked !== others && app.user.administers && await has("/api/cluster/leader")) {
        asked = others;
        redraw(beside, ...others.split(",").filter(Boolean).map(to => button(`Make ${to} the leader`, () => transfer(to))));
      }
    },
  };
}
