// A picture of where an exchange's messages go: exchange, bindings, queues, through other exchanges, too.

import { api, ask, each } from "./api.js";
import { el, svg, visible } from "./dom.js";
import { plural } from "./format.js";
import { href } from "./router.js";

const MOST = 40;
const DEEPEST = 4;
/** What is asked for: bindings of an exchange, of which many may lead to the same queue, and so many exchanges: the node looks at all bindings for each. */
const MOST_BINDINGS = 500;
const MOST_ASKED = 12;
const WIDTH = 180;
const GAP = 190;
const HEIGHT = 34;
const STEP = 52;

const short = (text, most) => text.length > most ? text.slice(0, most - 1) + "\u2026" : text;
const id = node => node.kind + " " + node.name;

const waysOf = (vhost, exchange) => ask(`${api("exchanges", vhost, exchange)}/bindings/source?page=1&page_size=${MOST_BINDINGS}`);

/**
 * The bindings that lead on from an exchange and from those that it leads to, as far as a picture goes. What is bound elsewhere is not asked for: a
 * virtual host has at least as many bindings as queues.
 *
 * @return bindings: all of them; first: of the exchange itself, and all: how many it has; unread: how many were left out, and of how many
 *     exchanges it is not known what they lead to
 */
export async function waysFrom(vhost, exchange) {
  const own = await waysOf(vhost, exchange);
  const found = { bindings: [...own.items], first: own.items, all: own.filtered_count, unread: own.filtered_count - own.items.length, beyond: 0 };
  const seen = new Set([exchange]);
  const onward = rows => [...new Set(rows.filter(b => b.destination_type === "exchange").map(b => b.destination))].filter(x => !seen.has(x));
  let next = onward(own.items);
  for (let level = 1; level < DEEPEST && next.length > 0; level++) {
    const asked = next.slice(0, Math.max(0, MOST_ASKED - seen.size + 1));
    found.beyond += next.length - asked.length;
    next.forEach(x => seen.add(x));
    const answers = new Map();
    const { failures } = await each(asked, async x => {
      answers.set(x, await waysOf(vhost, x));
    });
    if (failures.some(f => f.error.status === 0 || f.error.status === 401)) {
      throw failures[0].error;
    }
    found.beyond += failures.length;
    // In the order in which they were asked for: the same bindings make the same picture.
    const rows = asked.flatMap(x => answers.get(x)?.items ?? []);
    found.bindings.push(...rows);
    found.unread += asked.reduce((sum, x) => sum + (answers.has(x) ? answers.get(x).filtered_count - answers.get(x).items.length : 0), 0);
    next = onward(rows);
  }
  found.beyond += next.length;
  return found;
}

/** What is reached from an exchange, level by level, by bindings. */
export function reach(exchange, bindings) {
  const nodes = new Map();
  const edges = [];
  const start = { kind: "exchange", name: exchange, level: 0 };
  nodes.set(id(start), start);
  const bySource = new Map();
  for (const b of bindings) {
    if (!bySource.has(b.source)) {
      bySource.set(b.source, []);
    }
    bySource.get(b.source).push(b);
  }
  let left = 0;
  for (let queue = [start]; queue.length;) {
    const from = queue.shift();
    if (from.kind !== "exchange" || from.level >= DEEPEST) {
      continue;
    }
    for (const b of bySource.get(from.name) ?? []) {
      const to = { kind: b.destination_type, name: b.destination, level: from.level + 1 };
      if (!nodes.has(id(to))) {
        if (nodes.size > MOST) {
          left++;
          continue;
        }
        nodes.set(id(to), to);
        queue.push(to);
      }
      const edge = edges.find(e => e.from === id(from) && e.to === id(to));
      if (edge) {
        edge.bindings.push(b);
      } else {
        edges.push({ from: id(from), to: id(to), bindings: [b] });
      }
    }
  }
  return { nodes, edges, left };
}

function place(nodes) {
  const levels = [];
  for (const node of nodes.values()) {
    (levels[node.level] ??= []).push(node);
  }
  const tallest = Math.max(...levels.map(level => level.length));
  levels.forEach((level, x) => level.forEach((node, y) => {
    node.x = x * (WIDTH + GAP) + 2;
    node.y = (y + (tallest - level.length) / 2) * STEP + 8;
  }));
  return { width: levels.length * (WIDTH + GAP) - GAP + 4, height: tallest * STEP + 4 };
}

function box(node, vhost, reached) {
  const to = href(node.kind === "queue" ? "queue" : "exchange", vhost, node.name);
  const title = node.name === "" ? "(default)" : visible(node.name);
  const state = reached === null ? "" : reached.has(node.kind === "queue" ? node.name : null) ? " reached" : node.kind === "queue" ? " missed" : "";
  return svg("a", { href: to, class: `box ${node.kind}${state}`, "aria-label": `${node.kind} ${title}` },
    svg("title", {}, `${node.kind} ${title}`),
    svg("rect", { x: node.x, y: node.y, width: WIDTH, height: HEIGHT, rx: node.kind === "queue" ? 4 : 17 }),
    svg("text", { x: node.x + WIDTH / 2, y: node.y + HEIGHT / 2 + 5, "text-anchor": "middle", direction: "ltr" }, short(title, 22)));
}

function label(bindings) {
  const words = bindings.map(b => {
    const args = Object.entries(b.arguments ?? {}).map(([k, v]) => `${k}=${JSON.stringify(v)}`).join(" ");
    return visible(b.routing_key === "" && args ? args : b.routing_key || "(empty)");
  });
  return { text: short(words[0], 22) + (words.length > 1 ? ` +${words.length - 1}` : ""), all: words.join(", ") };
}

/** Such an arrow ends at the right of what it leads to, and so does its label. */
function goesBack(edge, nodes) {
  return nodes.get(edge.to).level <= nodes.get(edge.from).level;
}

function arrow(edge, nodes) {
  const from = nodes.get(edge.from);
  const to = nodes.get(edge.to);
  const [x1, y1, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.y + HEIGHT / 2];
  const back = goesBack(edge, nodes);
  const x2 = back ? to.x + WIDTH : to.x;
  const middle = back ? Math.max(x1, x2) + 60 : (x1 + x2) / 2;
  const words = label(edge.bindings);
  return svg("g", { class: "way" },
    svg("title", {}, words.all),
    svg("path", { d: `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`, "marker-end": "url(#arrow)" }),
    svg("text", { x: back ? x2 + 12 : x2 - 8, y: y2 - 5, "text-anchor": back ? "start" : "end", direction: "ltr" }, words.text));
}

/** What a picture does not show, in words; nothing when it is whole. */
function missing(left, beyond) {
  const parts = [left > 0 && plural(left, "more binding"), beyond > 0 && `what ${plural(beyond, "exchange")} further on lead${beyond === 1 ? "s" : ""} to`];
  const found = parts.filter(Boolean);
  return found.length ? `The picture is not complete. Not in it: ${found.join(", and ")}.` : "";
}

/**
 * @param ways what waysFrom() found
 * @param reached names of queues that a dry run found; null without one
 */
export function picture(exchange, vhost, ways, reached = null) {
  const { nodes, edges, left } = reach(exchange, ways.bindings);
  if (edges.length === 0) {
    return el("p", { class: "empty" }, "Nothing is bound to it: what is published goes nowhere.");
  }
  const size = place(nodes);
  const width = size.width + (edges.some(e => goesBack(e, nodes)) ? GAP : 0);
  const incomplete = missing(left + ways.unread, ways.beyond);
  return el("figure", { class: "routing" },
    el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Picture of the routing" },
      svg("svg", { viewBox: `0 0 ${width} ${size.height}`, width, height: size.height, role: "group",
        "aria-label": `Where messages of the exchange go: ${nodes.size - 1} queues and exchanges` },
      svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" },
        svg("path", { d: "M0,0 L8,4 L0,8 z" }))),
      edges.map(e => arrow(e, nodes)), [...nodes.values()].map(n => box(n, vhost, reached)))),
    incomplete && el("figcaption", { class: "quiet" }, incomplete));
}
