// One connection and its channels.

import { api, ask } from "./api.js";
import { el, button, facts, link, name, section, table, visible } from "./dom.js";
import { bytesOf, bytesRateOf, numberOf, timeOf, UNKNOWN } from "./format.js";
import { go, href } from "./router.js";
import { number, Table, text } from "./table.js";
import { UNFOUND, whenFound } from "./actions.js";
import { close } from "./connections.js";

/** Of other nodes' clients these are 0 for those who want a number. */
const counted = (value, row) => row.message_stats ? numberOf(value) : UNKNOWN;

export const CHANNELS = [
  text("Channel", "name", (v, row) => link(href("connection", row.connection_details?.name ?? ""), name(v))),
  text("User", "user"),
  text("Virtual host", "vhost"),
  text("Node", "node"),
  number("Consumers", "consumer_count"),
  number("Unacked", "messages_unacknowledged", counted),
  number("Prefetch", "prefetch_count", counted),
];

export default function connection([title], app) {
  const path = api("connections", title);
  const shown = el("div", {});
  const channels = new Table(CHANNELS, "Channels", "No channels.");
  const buttons = el("div", { class: "buttons" },
    button("Close", async () => await close([{ name: title }]) && go("connections"), { class: "danger", ...UNFOUND }));
  const node = el("div", {},
    el("p", { class: "path" }, link(href("connections"), "Connections")),
    el("div", { class: "bar" }, el("h1", {}, name(title)), buttons),
    section("What it is", null, shown),
    section("Channels", null, channels.node));
  return {
    title: visible(title),
    node,
    async refresh() {
      const [c, rows] = await whenFound(buttons, Promise.all([ask(path), ask(path + "/channels")]));
      shown.replaceChildren(facts([
        ["Client", c.user_provided_name && name(c.user_provided_name)],
        ["User", name(c.user)], ["Virtual host", name(c.vhost)], ["Node", c.node], ["State", c.state],
        ["From", c.peer_host && `${c.peer_host}:${c.peer_port}`], ["Protocol", c.protocol], ["TLS", c.ssl === undefined ? null : c.ssl ? "yes" : "no"],
        ["Since", c.connected_at && timeOf(c.connected_at)], ["Heartbeat", c.timeout === undefined ? null : `${c.timeout} s`],
        ["From the client", c.recv_oct === undefined ? UNKNOWN : `${bytesOf(c.recv_oct)}, ${bytesRateOf(c.recv_oct_details?.rate)}`],
        ["To the client", c.send_oct === undefined ? UNKNOWN : `${bytesOf(c.send_oct)}, ${bytesRateOf(c.send_oct_details?.rate)}`],
        ["Channels", numberOf(c.channels)],
        ["The client tells", table(c.client_properties)],
      ]));
      channels.show(rows);
    },
  };
}
