// What goes on, over all queues that the user sees.

import { el, link, redraw, section } from "./dom.js";
import { at, bytesOf, numberOf, rateOf } from "./format.js";
import { href } from "./router.js";
import { Chart } from "./chart.js";

export default function overview(names, app) {
  const tiles = el("dl", { class: "tiles" });
  const rates = new Chart("Messages per second", app.rates, true);
  const totals = new Chart("Messages in queues", app.totals, false);
  const more = el("dl", { class: "facts" });
  const node = el("div", {},
    el("h1", { class: "unseen" }, "Overview"),
    section("Overview", null, tiles),
    el("div", { class: "charts" }, rates.node, totals.node),
    section("Since the cluster began", null, more));
  return {
    title: "Overview",
    node,
    async refresh() {
      const found = app.overview;
      const now = (title, path) => [title, rateOf(at(found, path))];
      const objects = found.object_totals;
      fill(tiles, [
        ["Ready", numberOf(found.queue_totals.messages_ready)],
        ["Unacknowledged", numberOf(found.queue_totals.messages_unacknowledged)],
        ["Bytes in queues", bytesOf(found.queue_totals.message_bytes)],
        app.user.monitors && now("Published", "message_stats.publish_details.rate"),
        app.user.monitors && now("Delivered", "message_stats.deliver_get_details.rate"),
        ["Queues", link(href("queues"), numberOf(objects.queues))],
        ["Exchanges", link(href("exchanges"), numberOf(objects.exchanges))],
        ["Bindings", numberOf(objects.bindings)],
        ["Connections", link(href("connections"), numberOf(objects.connections))],
        ["Channels", link(href("channels"), numberOf(objects.channels))],
        ["Consumers", numberOf(objects.consumers)],
      ]);
      rates.show();
      totals.show();
      const stats = found.message_stats;
      fill(more, [
        ["Published", numberOf(stats.publish)],
        stats.confirm !== undefined && ["Confirmed", numberOf(stats.confirm)],
        stats.return_unroutable !== undefined && ["Came back", numberOf(stats.return_unroutable)],
        ["Delivered or got", numberOf(stats.deliver_get)],
        ["Of these without acks", numberOf(stats.deliver_no_ack + stats.get_no_ack)],
        ["Got one by one", numberOf(stats.get + stats.get_no_ack)],
        ["Asked for in vain", numberOf(stats.get_empty)],
        ["Acknowledged", numberOf(stats.ack)],
        ["Delivered again", numberOf(stats.redeliver)],
        stats.drop_unroutable !== undefined && ["Reached no queue", numberOf(stats.drop_unroutable)],
        ["Dropped: queue full", numberOf(stats.drop_overflow)],
        ["Dropped: expired", numberOf(stats.drop_expired)],
        ["Rejected", numberOf(stats.drop_rejected)],
        ["Over the delivery limit", numberOf(stats.drop_delivery_limit)],
        ["Dead-lettered", numberOf(stats.dead_lettered)],
        ["Dead letters lost", numberOf(stats.dead_letter_lost)],
        ["Copies of dead letters lost", numberOf(stats.dead_letter_copies_lost)],
      ]);
    },
    close() {
      rates.close();
      totals.close();
    },
  };
}

function fill(list, pairs) {
  redraw(list, ...pairs.filter(Boolean).map(([title, value]) =>
    el("div", {}, el("dt", {}, title), el("dd", {}, value))));
}
