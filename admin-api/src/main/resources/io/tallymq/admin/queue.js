// One queue: numbers, curves, what it is, who consumes, how messages come in, and what can be done to it.

import { api, ask, exchangeName, has, post, remove } from "./api.js";
import { el, button, facts, link, name, redraw, say, section, table, visible } from "./dom.js";
import { bytesOf, firstOf, numberOf, rateOf, at, plural, spanOf, timeOf, UNKNOWN, yesNo } from "./format.js";
import { form, formDialog, given } from "./form.js";
import { go, href } from "./router.js";
import { confirm } from "./dialog.js";
import { Chart, History } from "./chart.js";
import { cell, number, Table, text } from "./table.js";
import { attempt, deleteQueue, pauseOrResume, purge, UNFOUND, whenFound } from "./actions.js";
import { getter, message, publisher } from "./messages.js";

/** Histories of the queues that were looked at last, so that going back and forth does not lose them. */
const histories = new Map();
const MOST_HISTORIES = 20;

function historiesOf(key) {
  const found = histories.get(key) ?? {
    rates: new History(["Published", "Delivered", "Acknowledged"]), totals: new History(["Ready", "Unacknowledged"]),
  };
  histories.delete(key);
  histories.set(key, found);
  if (histories.size > MOST_HISTORIES) {
    histories.delete(histories.keys().next().value);
  }
  return found;
}

const CONSUMERS = [
  text("Tag", "consumer_tag"),
  text("Channel", "channel_details.name", (v, row) =>
    link(href("connection", row.channel_details.connection_name), name(v))),
  text("User", "channel_details.user"),
  text("Activity", "activity_status", v => v?.replaceAll("_", " ") ?? UNKNOWN),
  text("Acknowledges", "ack_required", yesNo),
  number("Prefetch", "prefetch_count"),
  number("Unacked", "messages_unacknowledged"),
  { title: "Arguments", path: "arguments", write: table },
];

/** Rows that are shown of consumers and bindings, of which a queue may have any number. */
const MOST_ROWS = 100;

const tile = (title, value, className = "") => el("div", {}, el("dt", {}, title), el("dd", { class: className }, value));

function tiles(q) {
  const rest = [
    q.head_message_age !== undefined && q.head_message_age !== null && ["Next one waits for", spanOf(q.head_message_age)],
    q.messages_delayed > 0 && ["Come again later", numberOf(q.messages_delayed)],
    q.messages_deferred > 0 && ["Deferred", numberOf(q.messages_deferred)],
    q.messages_dlx > 0 && ["Dead letters on their way", numberOf(q.messages_dlx)],
  ].filter(Boolean);
  return [
    ["Ready", numberOf(q.messages_ready)], ["Unacknowledged", numberOf(q.messages_unacknowledged)], ["Bytes", bytesOf(q.message_bytes)],
    ["Consumers", numberOf(q.consumers)], ["In", rateOf(at(q, "message_stats.publish_details.rate"))],
    ["Delivered", rateOf(at(q, "message_stats.deliver_get_details.rate"))], ["Acknowledged", rateOf(at(q, "message_stats.ack_details.rate"))],
    ...rest,
  ].map(([title, value]) => tile(title, value));
}

const about = (q, app) => facts([
  ["Virtual host", name(q.vhost)],
  ["Type", q.type],
  ["State", el("span", { class: q.state === "running" ? "state good" : "state bad" }, q.state)],
  ["Durable", yesNo(q.durable)],
  ["Deleted with its last consumer", yesNo(q.auto_delete)],
  ["Exclusive", q.exclusive ? ["yes, of ", q.owner_pid_details ? name(q.owner_pid_details.name) : "a connection"] : "no"],
  ["Leader", q.leader],
  ["On", q.members?.join(", ")],
  ["Complete on", q.copies?.filter(c => c.complete).map(c => c.node).join(", ") || null],
  ["Lacks messages", (q.copies?.some(c => !c.complete) && el("span", { class: "state bad" }, q.copies.filter(c => !c.complete)
    .map(c => c.lacks_since ? `${c.node} since ${new Date(c.lacks_since).toLocaleString()}` : `${c.node}, for longer than this node knows`).join("; "))) || null],
  ["Policy", q.policy && (app.user.seesPolicies ? link(href("policies"), name(q.policy)) : name(q.policy))],
  ["Operator policy", q.operator_policy && name(q.operator_policy)],
  ["Policies say", table(q.effective_policy_definition)],
  ["Arguments", table(q.arguments)],
  ["Delivered since it was made", numberOf(q.message_stats?.deliver_get)],
  ["Of these again", numberOf(q.message_stats?.redeliver)],
  ["Of these without acks", q.message_stats ? numberOf(q.message_stats.deliver_no_ack + q.message_stats.get_no_ack) : null],
  ["Of these got one by one", q.message_stats ? numberOf(q.message_stats.get + q.message_stats.get_no_ack) : null],
  ["Dead-lettered", q.message_stats?.dead_lettered ? numberOf(q.message_stats.dead_lettered) : null],
  ["Dead letters stuck", q.dead_letters_stuck ? `${numberOf(q.dead_letters_stuck)}: ${q.dead_letters_reason}` : null],
]);

function bindings(q, app) {
  const unbind = async row => {
    const path = api("bindings", row.vhost, "e", exchangeName(row.source), "q", row.destination, row.properties_key);
    if (await confirm("Remove the binding?", `From ${visible(row.source)} with the key ${visible(row.routing_key)}.`, { yes: "Remove" })
        && await attempt(() => remove(path), "The binding is removed.")) {
      app.refresh();
    }
  };
  return [
    text("From", "source", v => v === "" ? el("span", { class: "quiet" }, "(default exchange)")
      : link(href("exchange", q.vhost, v), name(v))),
    text("Routing key", "routing_key", v => name(v, "(empty)")),
    { title: "Arguments", path: "arguments", write: table },
    cell("", row => row.source !== "" && button("Remove", () => unbind(row), { "aria-label": `Remove the binding from ${row.source}` })),
  ];
}

async function bind(q, app) {
  const exchanges = await ask(api("exchanges", q.vhost)).catch(error => say(error.message, true));
  if (exchanges && await formDialog(`Bind ${visible(q.name)}`, [
    { name: "source", label: "From exchange", kind: "select", options: exchanges.map(x => x.name).filter(Boolean) },
    { name: "routing_key", label: "Routing key" },
    { name: "arguments", label: "Arguments (JSON)", kind: "json" },
  ], v => post(api("bindings", q.vhost, "e", v.source, "q", q.name), { routing_key: v.routing_key, arguments: v.arguments }), "Bind")) {
    app.refresh();
  }
}

const STATES = [["", "any"], ["ready", "ready"], ["unacked", "unacknowledged"]];

/** Moves messages out of this queue: into another one, or back to where they died. */
function mover(q, done) {
  const shown = el("div", { role: "status" });
  return [form([
    { name: "to", label: "To the queue", hint: "Empty: each to the one where it died last." },
    { name: "count", label: "Messages at most", kind: "number", min: 0, max: 100000, value: 1000 },
    { name: "filter", label: "Only those of (JSON)", kind: "json", placeholder: "{\"routing_key\": \"orders\"}",
      hint: "routing_key, exchange, state, text, older_than, header.NAME and so on" },
    { name: "reason", label: "Why", hint: "It stands in the log of changes." },
  ], async v => {
    if (!await confirm("Move messages?", `Up to ${plural(v.count ?? 1000, "message")} to ${visible(v.to || "where they died")}.`, { yes: "Move" })) {
      return;
    }
    const answer = await post(api("queues", q.vhost, q.name) + "/redrive", given(v));
    shown.replaceChildren(el("p", {}, `${plural(answer.moved, "message")} moved, ${numberOf(answer.left)} left; `
      + `${numberOf(answer.looked_at)} looked at${answer.complete ? ", to the end." : "."}`),
    el("ul", {}, (answer.reasons ?? answer.refused ?? []).map(r => el("li", {}, `${numberOf(r.count)}: ${r.reason}`))));
    done();
  }, { yes: "Move", className: "inline" }), shown];
}

/** Looks at messages where they are, page by page. */
function peeker(path) {
  const shown = el("div", { role: "status" });
  const more = el("div", { class: "buttons left" });
  async function look(query) {
    const answer = await ask(`${path}?${new URLSearchParams(query)}`);
    more.replaceChildren(answer.next === null ? "" : button("Further messages", () =>
      look({ ...query, from: answer.next }).catch(error => say(error.message, true))));
    shown.replaceChildren(
      el("p", {}, `${plural(answer.messages.length, "message")}; ${plural(answer.looked_at, "message")} looked at`
        + `${answer.complete ? ", to the end." : "."}`),
      ...answer.messages.map(row => message(row, el("span", {}, `No. ${row.number} \u00b7 ${row.state} \u00b7 ${timeOf(row.published_at)}`))));
  }
  return [form([
    { name: "from", label: "From", value: "", placeholder: "first, last, a number, for streams a time" },
    { name: "order", label: "Order", kind: "select", options: [["oldest", "oldest first"], ["newest", "newest first"]] },
    { name: "count", label: "Messages", kind: "number", min: 1, max: 100, value: 10 },
    { name: "routing_key", label: "Routing key is" },
    { name: "text", label: "Payload contains" },
    { name: "state", label: "State", kind: "select", options: STATES },
  ], v => look(given(v)), { yes: "Look", className: "inline" }), shown, more];
}

const part = (title, ...kids) => el("details", { class: "part" }, el("summary", {}, title), ...kids);

export default function queue([vhost, queueName], app) {
  const path = api("queues", vhost, queueName);
  const kept = historiesOf(JSON.stringify([vhost, queueName]));
  const rates = new Chart("Messages per second", kept.rates, true);
  const totals = new Chart("Messages", kept.totals, false);
  const numbers = el("dl", { class: "tiles" });
  const facts = el("div", {});
  const extras = el("div", {});
  let q = { vhost, name: queueName };
  const consumers = new Table(CONSUMERS, "Consumers", "No consumers.");
  const bound = new Table(bindings(q, app), "Bindings", "No bindings.");
  let asked = false;

  const pause = button("Pause", async () => await pauseOrResume(q) && app.refresh(), UNFOUND);
  const buttons = el("div", { class: "buttons" },
    button("Bind", () => bind(q, app), UNFOUND),
    pause,
    button("Purge", async () => await purge(q) && app.refresh(), { class: "danger", ...UNFOUND }),
    button("Delete", async () => await deleteQueue(q) && go("queues"), { class: "danger", ...UNFOUND }));
  const node = el("div", {},
    el("p", { class: "path" }, link(href("queues"), "Queues"), " \u203a ", name(vhost)),
    el("div", { class: "bar" }, el("h1", {}, name(queueName)), buttons),
    numbers,
    el("div", { class: "charts" }, totals.node, rates.node),
    section("What it is", null, facts),
    section("Consumers", null, consumers.node),
    section("Bindings", null, bound.node),
    section("Messages", null,
      part("Publish a message", el("p", { class: "quiet" }, "Through the default exchange, into this queue."), publisher(vhost, "", queueName, () => app.refresh())),
      part("Get messages", el("p", { class: "quiet" }, "Takes them as a consumer would: what is put back counts as delivered again."), getter(q, () => app.refresh())),
      extras));

  /** Parts that not every version has. */
  async function addExtras() {
    asked = true;
    if (await has(path + "/peek?count=0")) {
      extras.append(part("Look at messages where they are", el("p", { class: "quiet" },
        "Nobody gets them, and nothing about them changes."), ...peeker(path + "/peek")));
    }
    if (await has(path + "/redrive")) {
      extras.append(part("Move messages", el("p", { class: "quiet" },
        "Each is in one of the two queues at every moment; what the other one does not take stays."), ...mover(q, () => app.refresh())));
    }
  }

  return {
    title: visible(queueName),
    node,
    async refresh() {
      const [found, ways] = await whenFound(buttons,
        Promise.all([ask(path), ask(path + "/bindings?page=1&page_size=" + MOST_ROWS)]));
      q = found;
      pause.textContent = q.state === "paused" ? "Resume" : "Pause";
      pause.hidden = q.type === "stream";
      kept.rates.addCounters(["publish", "deliver_get", "ack"].map(c => q.message_stats?.[c]));
      kept.totals.add([q.messages_ready, q.messages_unacknowledged]);
      numbers.replaceChildren(...tiles(q));
      rates.show();
      totals.show();
      redraw(facts, about(q, app));
      const attached = (q.consumer_details ?? []).slice(0, MOST_ROWS);
      consumers.show(attached, firstOf(attached.length, q.consumers));
      bound.show(ways.items, firstOf(ways.items.length, ways.filtered_count));
      if (!asked) {
        await addExtras();
      }
    },
    close() {
      rates.close();
      totals.close();
    },
  };
}
