// A picture of where an exchange's messages go: exchange, bindings, queues, through other exchanges, too.

import { el, svg, visible } from "./dom.js";
import { href } from "./router.js";

const MOST = 40;
const DEEPEST = 4;
const WIDTH = 180;
const GAP = 190;
const HEIGHT = 34;
const STEP = 52;

const short = (text, most) => text.length > most ? text.slice(0, most - 1) + "\u2026" : text;
const id = node => node.kind + " " + node.name;

/** What is reached from an exchange, level by level, by a virtual host's bindings. */
export function reach(exchange, bindings) {
  const nodes = new Map();
  const edges = [];
  const start = { kind: "exchange", name: exchange, level: 0 };
  nodes.set(id(start), start);
  let left = 0;
  for (let queue = [start]; queue.length;) {
    const from = queue.shift();
    if (from.kind !== "exchange" || from.level >= DEEPEST) {
      continue;
    }
    for (const b of bindings.filter(x => x.source === from.name)) {
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

function arrow(edge, nodes) {
  const from = nodes.get(edge.from);
  const to = nodes.get(edge.to);
  const [x1, y1, y2] = [from.x + WIDTH, from.y + HEIGHT / 2, to.y + HEIGHT / 2];
  const back = to.level <= from.level;
  const x2 = back ? to.x + WIDTH : to.x;
  const middle = back ? Math.max(x1, x2) + 60 : (x1 + x2) / 2;
  const words = label(edge.bindings);
  return svg("g", { class: "way" },
    svg("title", {}, words.all),
    svg("path", { d: `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`, "marker-end": "url(#arrow)" }),
    svg("text", { x: x2 - 8, y: y2 - 5, "text-anchor": "end", direction: "ltr" }, words.text));
}

/** @param reached names of queues that a dry run found; null without one */
export function picture(exchange, vhost, bindings, reached = null) {
  const { nodes, edges, left } = reach(exchange, bindings);
  if (nodes.size === 1) {
    return el("p", { class: "empty" }, "Nothing is bound to it: what is published goes nowhere.");
  }
  const size = place(nodes);
  return el("figure", { class: "routing" },
    el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Picture of the routing" },
      svg("svg", { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width, height: size.height, role: "group",
        "aria-label": `Where messages of the exchange go: ${nodes.size - 1} queues and exchanges` },
      svg("defs", {}, svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 8, markerHeight: 8, orient: "auto" },
        svg("path", { d: "M0,0 L8,4 L0,8 z" }))),
      edges.map(e => arrow(e, nodes)), [...nodes.values()].map(n => box(n, vhost, reached)))),
    left > 0 && el("figcaption", { class: "quiet" }, `${left} more bindings are not in the picture.`));
}
