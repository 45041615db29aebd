// One user: permissions in virtual hosts, and of routing keys.

import { api, ask, put, remove } from "./api.js";
import { el, button, facts, link, name, section, visible } from "./dom.js";
import { formDialog } from "./form.js";
import { confirm } from "./dialog.js";
import { go, href } from "./router.js";
import { cell, Table, text } from "./table.js";
import { attempt, UNFOUND, vhostNames, whenFound } from "./actions.js";
import { drop, edit } from "./users.js";

const code = v => v === "" ? el("span", { class: "quiet" }, "nothing") : el("code", {}, visible(v));
const EXPRESSION = "A regular expression (RE2) of names; .* is everything, empty nothing.";

export default function user([userName], app) {
  const path = api("users", userName);
  const shown = el("div", {});
  let found;

  async function permit(row) {
    const hosts = row ? [row.vhost] : await vhostNames();
    if (await formDialog(`Permissions of ${visible(userName)}`, [
      { name: "vhost", label: "Virtual host", kind: "select", options: hosts },
      { name: "configure", label: "Configure", value: row?.configure ?? ".*", hint: EXPRESSION },
      { name: "write", label: "Write", value: row?.write ?? ".*" },
      { name: "read", label: "Read", value: row?.read ?? ".*" },
    ], ({ vhost, ...v }) => put(api("permissions", vhost, userName), v))) {
      app.refresh();
    }
  }
  async function permitTopics(row) {
    const hosts = row ? [row.vhost] : await vhostNames();
    if (await formDialog(`Topic permissions of ${visible(userName)}`, [
      { name: "vhost", label: "Virtual host", kind: "select", options: hosts },
      { name: "exchange", label: "Exchange", required: true, value: row?.exchange ?? "amq.topic", hint: "amq.default is the default exchange." },
      { name: "write", label: "Write: routing keys", value: row?.write ?? ".*", hint: EXPRESSION },
      { name: "read", label: "Read: binding keys", value: row?.read ?? ".*" },
    ], ({ vhost, ...v }) => put(api("topic-permissions", vhost, userName), v))) {
      app.refresh();
    }
  }
  async function clear(row, at) {
    const what = row.exchange === undefined ? "He may not enter this virtual host then."
      : `Of ${visible(row.exchange)} he may use every key then, as his permissions let him.`;
    if (await confirm(`Take away permissions of ${visible(userName)} in ${visible(row.vhost)}?`, what, { yes: "Take away" })
        && await attempt(() => remove(at(row)), "Taken away.")) {
      app.refresh();
    }
  }
  const actions = (change, at) => cell("", row => el("div", { class: "buttons left" },
    button("Change", () => change(row)), button("Take away", () => clear(row, at))));
  const permissions = new Table([text("Virtual host", "vhost"), text("Configure", "configure", code), text("Write", "write", code),
    text("Read", "read", code), actions(permit, row => api("permissions", row.vhost, userName))], "Permissions", "He may enter no virtual host.");
  const topics = new Table([text("Virtual host", "vhost"), text("Exchange", "exchange"), text("Write", "write", code), text("Read", "read", code),
    actions(permitTopics, row => api("topic-permissions", row.vhost, userName, row.exchange))], "Topic permissions", "None: every key.");

  const buttons = el("div", { class: "buttons" },
    button("Change", async () => await edit(found) && app.refresh(), UNFOUND),
    button("Delete", async () => await drop(found) && go("users"), { class: "danger", ...UNFOUND }));
  const node = el("div", {},
    el("p", { class: "path" }, link(href("users"), "Users")),
    el("div", { class: "bar" }, el("h1", {}, name(userName)), buttons),
    shown,
    section("Permissions", button("Give", () => permit()), permissions.node),
    section("Topic permissions", button("Give", () => permitTopics()), topics.node));
  return {
    title: visible(userName),
    node,
    async refresh() {
      const [u, p, t] = await whenFound(buttons,
        Promise.all([ask(path), ask(path + "/permissions"), ask(path + "/topic-permissions")]));
      found = u;
      shown.replaceChildren(facts([["Tags", u.tags.join(", ") || "none"], ["Password", u.password_hash ? "kept as " + u.hashing_algorithm : "none"]]));
      permissions.show(p);
      topics.show(t);
    },
  };
}
