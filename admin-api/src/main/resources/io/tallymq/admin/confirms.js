// What a confirm's time is made of: of all confirms lately, and of single messages that were traced.

import { api, ask, exchangeName, post } from "./api.js";
import { el, button, facts, name, redraw, section, visible } from "./dom.js";
import { plural, timeOf, UNKNOWN } from "./format.js";
import { form } from "./form.js";
import { cell, plain } from "./table.js";
import { vhostNames } from "./actions.js";
import { microsOf, waterfall } from "./waterfall.js";

/** Which phases follow each other, and who measures them. */
const LANES = [
  ["As the node of publishers", ["gather", "journey", "apply", "write"]],
  ["As the leader", ["queue", "replicate"]],
  ["Its disk", ["flush"]],
];
const PERCENTILES = [["p50", "p50"], ["p99", "p99"]];
/** Milliseconds; nodes tell every other second. */
const OLD = 5000;
/** How often a message that was just published is asked for, and how often more for what comes later. */
const LOOKS = 40;
const PAUSE = 100;

/** Milliseconds of the API as rows of microseconds, the phases of a lane after each other by their medians. */
function lane(phases, names) {
  let start = 0;
  return names.map(phase => phases.find(p => p.phase === phase)).filter(p => p?.count > 0).map(p => {
    const row = { phase: p.phase, about: p.about, start, took: p.p50 * 1000, most: p.p99 * 1000, p50: p.p50 * 1000, p99: p.p99 * 1000 };
    start += row.took;
    return row;
  });
}

function anatomyOf(node) {
  const lanes = LANES.map(([title, names], of) => [title, lane(node.phases, names), of]).filter(([, rows]) => rows.length);
  const all = Math.max(0, ...lanes.flatMap(([, rows]) => rows.map(r => r.start + Math.max(r.took, r.most))));
  return el("article", { class: "waterfall" },
    el("h3", {}, name(node.node), " ", node.leads && el("span", { class: "state good" }, "leader"), " ",
      node.age > OLD && el("span", { class: "state warn" }, `heard ${plural(Math.round(node.age / 1000), "second")} ago`)),
    lanes.length ? lanes.flatMap(([title, rows, of]) => [el("h4", {}, title), waterfall(`${title}: ${node.node}`, rows, all, { of, columns: PERCENTILES })])
      : el("p", { class: "quiet" }, "It had no part in a confirm within the last minute."));
}

const isWhole = trace => typeof trace.total === "number" && trace.missing.length === 0
  && trace.flushes.every(f => f.flushed_at && f.leader_knew_after !== null);

const ABOUT = {
  gather: "Its node: until its batch was sent", journey: "Its node: until the batch was back, committed. What the leader did lies within",
  apply: "Its node: until who waits was told", write: "Its node: until the confirm was given to the socket",
  queue: "The leader: until its entry was handed to Raft", replicate: "The leader: until a majority had flushed it and its turn had come",
};

/** A traced message, as all nodes saw it. */
export function traced(trace) {
  const of = phase => trace.phases.find(p => p.phase === phase);
  const rows = names => names.map(of).filter(Boolean).map(p => ({ ...p, about: ABOUT[p.phase] }));
  const own = rows(["gather", "journey", "apply", "write"]);
  const queue = of("queue")?.took ?? 0;
  const lead = [...rows(["queue", "replicate"]), ...trace.flushes.filter(f => f.leader_knew_after !== null).map(f => ({
    phase: f.node === trace.leader ? "flush" : "flush known", node: f.node, start: queue, took: f.leader_knew_after,
    about: f.node === trace.leader ? "The leader: until its own disk had it" : "The leader: until it learnt that this node's disk had it" }))];
  const all = Math.max(1, ...[...own, ...lead].map(r => (r.start ?? 0) + (r.took ?? 0)));
  const took = [["Took", "took"]];
  return el("article", { class: "waterfall" },
    facts([
      ["What became of it", trace.outcome],
      ["Confirm took", microsOf(trace.total) + (trace.held_for_consumers ? ", which waited for consumers" : "")],
      ["Queues", trace.queues === null ? "not told: its body is large" : trace.queues === undefined ? null
        : trace.queues.length ? visible(trace.queues.join(", ")) + (trace.more_queues ? ` and ${trace.more_queues} more` : "") : "none"],
      ["Message id", trace.message_id ? name(trace.message_id) : null],
      ["Correlation id", trace.correlation_id ? name(trace.correlation_id) : null],
      ["Term and index", `${trace.term}, ${trace.index}`],
      ["Published through", trace.node], ["Led by", trace.leader],
      ["On the ways", trace.ways === null ? null : `${microsOf(trace.ways)}: to the leader and back`],
    ]),
    el("h4", {}, `By the clock of ${trace.node ?? "its node, which told nothing"}`), waterfall("By its node's clock", own, all, { of: 0, columns: took, node: true }),
    el("h4", {}, `By the clock of ${trace.leader ?? "the leader, which told nothing"}`), waterfall("By the leader's clock", lead, all, { of: 1, columns: took, node: true }),
    el("p", { class: "quiet" }, "Both begin at their own nought: clocks of nodes do not agree, and what the leader did lies somewhere within the journey."),
    el("h4", {}, "When was it on which disk?"),
    plain([cell("Node", row => name(row.node)), cell("Flushed at, by its own clock", row => row.flushed_at ?? UNKNOWN), cell("The flush took", row => microsOf(row.took), true)],
      trace.flushes, "No node told.", "Flushes"),
    trace.missing.length ? el("p", { class: "bad" }, `Nothing is heard of ${trace.missing.join(", ")}.`) : null);
}

const rest = () => new Promise(resolve => { setTimeout(resolve, PAUSE); });

/** The trace of a message that was just published: what nodes tell of it comes within moments. */
async function find(id) {
  let found;
  for (let i = 0; i < LOOKS; i++) {
    [found] = await ask("/api/confirms/traces?" + new URLSearchParams({ message_id: id }));
    if (found && isWhole(found)) {
      break;
    }
    await rest();
  }
  return found;
}

export default function confirms(names, app) {
  const nodes = el("div", { class: "waterfalls" });
  const own = el("div", { role: "status" });
  const list = el("div", {});
  const chosen = el("div", {});
  let seen = "";

  async function publish(v) {
    const id = "traced-" + crypto.getRandomValues(new Uint32Array(2)).join("-");
    own.replaceChildren("Publishing \u2026");
    try {
      await post(api("exchanges", v.vhost, exchangeName(v.exchange)) + "/publish", {
        routing_key: v.routing_key, payload: v.payload, payload_encoding: "string",
        properties: { delivery_mode: 2, message_id: id, headers: { "x-trace": true } },
      });
      const trace = await find(id);
      own.replaceChildren(trace ? traced(trace) : el("p", {}, "It is confirmed, but no node tells of it: is trace.messages 0?"));
    } catch (error) {
      own.replaceChildren();
      throw error;
    }
    showTraces(await ask("/api/confirms/traces"));
  }

  const place = form([
    { name: "vhost", label: "Virtual host", kind: "select", options: [] },
    { name: "exchange", label: "Exchange", hint: "Empty: the default one, where the key is a queue's name" },
    { name: "routing_key", label: "Routing key" },
    { name: "payload", label: "Payload", value: "Where does time go?" },
  ], publish, { yes: "Publish and trace", className: "inline" });

  function showTraces(traces) {
    const now = JSON.stringify(traces);
    if (now === seen) {
      return;
    }
    seen = now;
    const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
    list.replaceChildren(plain([
      cell("Place in the log", row => row.id),
      cell("Published", row => timeOf(row.published_at)),
      cell("Message id", row => name(row.message_id, UNKNOWN)),
      cell("Exchange", row => name(row.exchange, "(default)")),
      cell("Routing key", row => row.routing_key === null ? UNKNOWN : name(row.routing_key, "(empty)")),
      cell("Outcome", row => row.outcome ?? UNKNOWN),
      cell("Confirm took", row => microsOf(row.total), true),
      cell("", row => button("Show", () => {
        chosen.replaceChildren(el("h3", { tabIndex: -1 }, `Message at ${row.id}`), traced(row));
        chosen.firstChild.focus();
      }, { "aria-label": `Show the times of ${row.id}` })),
    ], traces, "None yet: publish a message with the header x-trace, true.", "Traced messages"));
    if (focused) {
      [...list.querySelectorAll("button")].find(b => b.getAttribute("aria-label") === focused)?.focus();
    }
  }

  let asked = false;
  return {
    title: "Confirms",
    node: el("div", {},
      el("h1", { class: "unseen" }, "Confirms"),
      app.user.monitors && section("What a confirm's time is made of", null,
        el("p", { class: "quiet" }, "Of the last minute, as each node measured its part. Phases of a line follow each other; the bar is the median, the pale part reaches to the 99th percentile."), nodes),
      section("Trace a message", null,
        el("p", { class: "quiet" }, "Publishes a message with the header x-trace and shows its own times, from this node and from the others."), place, own),
      section("Traced messages", null, list, chosen)),
    async refresh() {
      if (!asked) {
        asked = true;
        place.field("vhost").append(...(await vhostNames()).map(v => el("option", { value: v }, v)));
      }
      const [anatomy, traces] = await Promise.all([app.user.monitors ? ask("/api/confirms/anatomy") : null, ask("/api/confirms/traces")]);
      if (anatomy) {
        redraw(nodes, ...anatomy.nodes.map(anatomyOf),
          anatomy.silent.length ? el("p", { class: "bad" }, `Nothing is heard of ${anatomy.silent.join(", ")}.`) : "");
      }
      showTraces(traces);
    },
  };
}
