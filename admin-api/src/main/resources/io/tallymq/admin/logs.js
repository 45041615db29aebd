// The last lines of this node's log, as they come.

import { ask } from "./api.js";
import { el, section, visible } from "./dom.js";
import { numberOf } from "./format.js";

const LEVELS = ["error", "warn", "info", "debug", "trace"];
/** Lines that are shown. */
const MOST = 500;
const STATES = { error: "state bad", warn: "state warn" };

function line(row) {
  return el("li", {},
    el("time", { dateTime: row.time, class: "quiet" }, new Date(row.time).toLocaleTimeString([], { hour12: false })), " ",
    el("span", { class: STATES[row.level] ?? "state" }, row.level), " ",
    el("span", { class: "quiet" }, row.logger.split(".").pop(), ": "), el("bdi", {}, visible(row.message)),
    row.error && el("details", {}, el("summary", {}, "Stack trace"), el("pre", { tabIndex: 0, role: "region", "aria-label": "Stack trace" }, row.error)));
}

export default function logs() {
  const lines = el("ol", { class: "log" });
  const place = el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": "Log" }, lines);
  const text = el("p", { class: "quiet" });
  let next = 0;
  const level = el("select", { id: "log-level", on: { change: () => {
    next = 0;
    lines.replaceChildren();
    refresh();
  } } }, LEVELS.map(l => el("option", { value: l, selected: l === "info" }, l)));

  async function refresh() {
    const wanted = level.value;
    const since = next;
    const found = await ask("/api/logs?" + new URLSearchParams({ level: wanted, since, count: MOST }));
    if (wanted !== level.value || since !== next) {
      return; // it was asked anew meanwhile
    }
    next = found.next;
    // Who reads what is at the end goes on reading there.
    const atEnd = place.scrollTop + place.clientHeight >= place.scrollHeight - 40;
    lines.append(...found.lines.map(line));
    while (lines.childElementCount > MOST) {
      lines.firstChild.remove();
    }
    if (atEnd) {
      place.scrollTop = place.scrollHeight;
    }
    text.textContent = `Of node ${found.node}. It keeps its last 1,000 lines; here are ${numberOf(lines.childElementCount)}.`;
  }

  return {
    title: "Log",
    node: el("div", {}, el("h1", { class: "unseen" }, "Log"),
      section("Log of this node", el("label", { htmlFor: "log-level" }, "From the level ", level), place, text)),
    refresh,
  };
}
