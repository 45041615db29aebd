// One exchange: where its messages go, what is bound, publishing to it, and trying what a message would reach.

import { api, ask, exchangeName, has, post, remove } from "./api.js";
import { el, button, facts, link, name, section, table, visible } from "./dom.js";
import { firstOf, timeOf, yesNo } from "./format.js";
import { form, formDialog } from "./form.js";
import { go, href } from "./router.js";
import { confirm } from "./dialog.js";
import { cell, Table, text } from "./table.js";
import { attempt, UNFOUND, whenFound } from "./actions.js";
import { publishBody, publishFields, publisher } from "./messages.js";
import { picture, waysFrom } from "./routing.js";

/** Rows that are shown of its bindings. */
const MOST_ROWS = 100;

const target = row => link(href(row.destination_type === "queue" ? "queue" : "exchange", row.vhost, row.destination), name(row.destination));

function columns(app, ways) {
  const unbind = async row => {
    const path = api("bindings", row.vhost, "e", exchangeName(row.source), row.destination_type[0], row.destination, row.properties_key);
    if (await confirm("Remove the binding?", `To ${visible(row.destination)} with the key ${visible(row.routing_key)}.`, { yes: "Remove" })
        && await attempt(() => remove(path), "The binding is removed.")) {
      app.refresh();
    }
  };
  return [
    ways === "from" ? text("To", "destination", (v, row) => target(row))
      : text("From", "source", (v, row) => link(href("exchange", row.vhost, v), name(v, "(default)"))),
    text("Kind", ways === "from" ? "destination_type" : "source", v => ways === "from" ? v : "exchange"),
    text("Routing key", "routing_key", v => name(v, "(empty)")),
    { title: "Arguments", path: "arguments", write: table },
    cell("", row => row.source !== "" && button("Remove", () => unbind(row), { "aria-label": `Remove the binding to ${row.destination}` })),
  ];
}

function outcome(found) {
  const row = (r, word) => el("li", {}, name(r.name), word || r.reason ? ` \u2013 ${word ?? r.reason}` : "");
  return el("div", { class: "prose" },
    el("p", {}, el("span", { class: found.routed ? "state good" : "state bad" }, found.routed ? "reaches queues" : "reaches no queue"),
      found.refused ? ` It would be refused: ${found.refused}` : "", found.duplicate ? " It is a duplicate." : "",
      found.delayed_until ? ` It would be kept until ${timeOf(found.delayed_until)}.` : "",
      found.by_chance ? " Which queue gets it is left to chance." : ""),
    found.queues.length ? el("ul", {}, found.queues.map(r => row(r))) : null,
    found.others.length ? [el("h3", {}, "Others"), el("ul", {}, found.others.map(r => row(r)))] : null);
}

export default function exchange([vhost, exchangeTitle], app) {
  const path = api("exchanges", vhost, exchangeName(exchangeTitle));
  const isDefault = exchangeTitle === "";
  const shown = el("div", {});
  const drawn = el("div", {});
  const from = new Table(columns(app, "from"), "Bindings from it", isDefault ? "To each queue by its name." : "None.");
  const to = new Table(columns(app, "to"), "Bindings to it");
  const tries = el("div", {});
  let reached = null;
  let ways = { bindings: [], first: [], all: 0, unread: 0, beyond: 0 };
  let seen = "";

  async function bind() {
    if (await formDialog(`Bind to ${visible(exchangeTitle)}`, [
      { name: "kind", label: "To", kind: "select", options: [["q", "queue"], ["e", "exchange"]] },
      { name: "destination", label: "Named", required: true },
      { name: "routing_key", label: "Routing key" },
      { name: "arguments", label: "Arguments (JSON)", kind: "json" },
    ], v => post(api("bindings", vhost, "e", exchangeTitle, v.kind, v.destination), { routing_key: v.routing_key, arguments: v.arguments }), "Bind")) {
      app.refresh();
    }
  }
  async function drop() {
    if (await confirm(`Delete ${visible(exchangeTitle)}?`, "The exchange goes with its bindings; publishes to it are refused from then on.")
        && await attempt(() => remove(path), "The exchange is deleted.")) {
      go("exchanges");
    }
  }

  function draw() {
    const now = JSON.stringify([ways, reached && [...reached]]);
    if (now !== seen && !drawn.contains(document.activeElement)) {
      seen = now;
      drawn.replaceChildren(isDefault ? el("p", {}, "The default exchange sends each message to the queue that has its routing key as a name.")
        : picture(exchangeTitle, vhost, ways, reached));
    }
  }

  /** A dry run, where this version knows it: another one would publish. */
  async function addTries() {
    const [any] = (await ask("/api/queues?page=1&page_size=1&columns=name,vhost")).items;
    if (!any || !await has(api("queues", any.vhost, any.name) + "/peek?count=0")) {
      return;
    }
    const result = el("div", { role: "status" });
    tries.append(el("details", { class: "part" }, el("summary", {}, "Try what a message would reach"),
      el("p", { class: "quiet" }, "Nothing is published."),
      form(publishFields(""), async v => {
        const found = await post(path + "/publish?dry_run=1", publishBody(v));
        reached = new Set(found.queues.map(r => r.name));
        result.replaceChildren(outcome(found));
        draw();
      }, { yes: "Try" }), result));
  }

  const buttons = el("div", { class: "buttons" }, !isDefault && [
    button("Bind", bind, UNFOUND), button("Delete", drop, { class: "danger", ...UNFOUND })]);
  const node = el("div", {},
    el("p", { class: "path" }, link(href("exchanges"), "Exchanges"), " \u203a ", name(vhost)),
    el("div", { class: "bar" }, el("h1", {}, name(exchangeTitle, "(default exchange)")), buttons),
    section("Where messages go", null, drawn),
    section("What it is", null, shown),
    section("Bindings from it", null, from.node),
    section("Bindings to it", null, to.node),
    section("Messages", null, el("details", { class: "part" }, el("summary", {}, "Publish a message"), publisher(vhost, exchangeTitle, "", () => app.refresh())), tries));
  let asked = false;
  return {
    title: visible(exchangeTitle || "Default exchange"),
    node,
    async refresh() {
      const [found, onward, into] = await whenFound(buttons, Promise.all([ask(path), isDefault ? ways : waysFrom(vhost, exchangeTitle),
        ask(`${path}/bindings/destination?page=1&page_size=${MOST_ROWS}`)]));
      ways = onward;
      shown.replaceChildren(facts([
        ["Type", found.type], ["Durable", yesNo(found.durable)], ["Deleted with its last binding", yesNo(found.auto_delete)],
        ["Internal", yesNo(found.internal)], ["Policy", found.policy && name(found.policy)], ["Arguments", table(found.arguments)],
      ]));
      const own = ways.first.slice(0, MOST_ROWS);
      from.show(own, firstOf(own.length, ways.all));
      to.show(into.items, firstOf(into.items.length, into.filtered_count));
      draw();
      if (!asked) {
        asked = true;
        await addTries();
      }
    },
  };
}
