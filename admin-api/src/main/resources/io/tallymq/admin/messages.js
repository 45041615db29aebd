// Messages: publishing one, getting and looking at some.

import { api, exchangeName, post } from "./api.js";
import { el, name, say, table, visible } from "./dom.js";
import { bytesOf, plural, timeOf } from "./format.js";
import { confirm } from "./dialog.js";
import { form } from "./form.js";

const ENCODINGS = [["string", "text"], ["base64", "base64"]];

export const publishFields = key => [
  { name: "routing_key", label: "Routing key", value: key },
  { name: "headers", label: "Headers (JSON)", kind: "json", placeholder: "{}", rows: 2 },
  { name: "properties", label: "Properties (JSON)", kind: "json", rows: 2, value: "{\"delivery_mode\": 2}",
    hint: "content_type, priority, expiration, message_id, correlation_id, reply_to, type, app_id and so on" },
  { name: "payload", label: "Payload", kind: "text area" },
  { name: "payload_encoding", label: "The payload is", kind: "select", options: ENCODINGS },
];

export function publishBody(v) {
  const properties = Object.keys(v.headers).length ? { ...v.properties, headers: v.headers } : v.properties;
  return { routing_key: v.routing_key, properties, payload: v.payload, payload_encoding: v.payload_encoding };
}

/** A form that publishes. {@code done} is called afterwards. */
export function publisher(vhost, exchange, key, done) {
  return form(publishFields(key), async v => {
    const answer = await post(api("exchanges", vhost, exchangeName(exchange)) + "/publish", publishBody(v));
    say(answer.routed ? "Published, and confirmed by a majority of the nodes." : "Published, but it reached no queue.", !answer.routed);
    done();
  }, { yes: "Publish" });
}

/** A message's row of /get or /peek. */
export function message(row, beside = null) {
  const { headers, ...properties } = row.properties ?? {};
  if (properties.timestamp) {
    properties.timestamp = `${properties.timestamp} (${timeOf(properties.timestamp * 1000)})`;
  }
  return el("article", { class: "message" },
    el("header", {},
      el("span", {}, "Exchange ", name(row.exchange, "(default)")), el("span", {}, "key ", name(row.routing_key, "(empty)")),
      el("span", {}, bytesOf(row.payload_bytes)), row.redelivered && el("span", { class: "state" }, "redelivered"), beside),
    table(properties), table(headers),
    el("pre", { dir: "auto", tabIndex: 0, role: "region", "aria-label": "Payload" }, row.payload),
    row.payload_encoding === "base64" && el("p", { class: "quiet" }, "These bytes are no text: shown in base64."));
}

const MODES = [
  ["ack_requeue_true", "Put back where they were"],
  ["ack_requeue_false", "Take out of the queue"],
  ["reject_requeue_true", "Reject, and put back"],
  ["reject_requeue_false", "Reject: dead-letter or drop"],
];

/** What becomes of those that do not stay. */
const LOSING = {
  ack_requeue_false: "will be gone from the queue: what is shown here is all that is left of them.",
  reject_requeue_false: "will be gone from the queue: they go where the queue sends dead letters, or nowhere.",
};

/** A form that gets messages and shows them. */
export function getter(queue, done) {
  const shown = el("div", { role: "status" });
  return el("div", {}, form([
    { name: "count", label: "Messages", kind: "number", min: 1, max: 1000, value: 1 },
    { name: "ackmode", label: "And then", kind: "select", options: MODES },
    { name: "encoding", label: "Show payloads as", kind: "select", options: [["auto", "text where they are"], ["base64", "base64"]] },
    { name: "truncate", label: "Show so many bytes of each", kind: "number", min: 0, value: 50000 },
  ], async v => {
    const loses = LOSING[v.ackmode];
    if (loses && !await confirm(`Get from ${visible(queue.name)}?`, `Up to ${plural(v.count ?? 1, "message")} ${loses}`, { yes: "Get" })) {
      return;
    }
    const rows = await post(api("queues", queue.vhost, queue.name) + "/get", v);
    shown.replaceChildren(el("p", {}, rows.length ? plural(rows.length, "message") : "The queue has none that is ready."), ...rows.map(r => message(r)));
    done();
  }, { yes: "Get", className: "inline" }), shown);
}
