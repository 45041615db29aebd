// What stands out, the most urgent first.

import { ask } from "./api.js";
import { el, link, name, section, table } from "./dom.js";
import { numberOf, plural } from "./format.js";
import { href } from "./router.js";

const LEVELS = { critical: "state bad", warning: "state warn", notice: "state" };

function subject(piece) {
  const of = piece.subject ?? {};
  const title = of.name ?? of.queue ?? of.node ?? of.user;
  if (piece.about === "queue" && of.vhost !== undefined) {
    return [link(href("queue", of.vhost, title), name(title)), " in ", name(of.vhost)];
  }
  return title === undefined ? table(of) ?? "" : name(title);
}

const item = piece => el("article", { class: "advice" },
  el("header", {}, el("span", { class: LEVELS[piece.level] ?? "state" }, piece.level), el("span", { class: "quiet" }, piece.about, " "), subject(piece)),
  el("p", {}, piece.text), piece.remedy && el("p", { class: "quiet" }, piece.remedy));

export default function advice() {
  const list = el("div", {});
  let seen = "";
  return {
    title: "Advice",
    node: el("div", {}, el("h1", { class: "unseen" }, "Advice"), section("Advice", null, list)),
    async refresh() {
      const found = await ask("/api/advice");
      const now = JSON.stringify(found);
      if (now === seen) {
        return;
      }
      seen = now;
      const shown = found.advice.length;
      const all = Object.values(found.found ?? {}).reduce((sum, n) => sum + n, 0);
      list.replaceChildren(
        shown === 0 ? el("p", {}, found.sampled ? "Nothing stands out." : "Nothing stands out so far; who comes and goes is known two minutes after the node's start, and what lasts after five.") : "",
        ...found.advice.map(item),
        all > shown ? el("p", { class: "quiet" }, `${plural(all - shown, "piece")} more of the same rules: ${numberOf(all)} in all.`) : "");
    },
  };
}
