// Definitions: a file of users, virtual hosts, queues, exchanges, bindings and policies, downloaded and uploaded.

import { api, ask } from "./api.js";
import { el, section, table } from "./dom.js";
import { form } from "./form.js";
import { confirm } from "./dialog.js";
import { plural } from "./format.js";
import { vhostNames } from "./actions.js";

const MOST_BYTES = 16 << 20;

const pathOf = vhost => vhost ? api("definitions", vhost) : "/api/definitions";

export default function definitions() {
  const hosts = el("select", { id: "definitions-vhost", on: { change: () => point() } }, el("option", { value: "" }, "All virtual hosts"));
  const download = el("a", { class: "button primary" }, "Download");
  const result = el("div", { role: "status" });
  const point = () => {
    download.href = pathOf(hosts.value);
    download.download = `tallymq-definitions${hosts.value ? "-" + hosts.value.replace(/[^A-Za-z0-9_.-]/g, "_") : ""}.json`;
  };
  const file = el("input", { type: "file", accept: "application/json,.json", id: "definitions-file" });

  async function upload() {
    const chosen = file.files[0];
    if (!chosen) {
      throw new Error("Choose a file first.");
    }
    if (chosen.size > MOST_BYTES) {
      throw new Error("The file is larger than 16 MiB, the most that is taken.");
    }
    const text = await chosen.text();
    let found;
    try {
      found = JSON.parse(text);
    } catch (error) {
      throw new Error(`The file is not JSON: ${error.message}`);
    }
    const sections = Object.entries(found).filter(([, v]) => Array.isArray(v) && v.length).map(([k, v]) => plural(v.length, k.replace(/s$/, "").replaceAll("_", " "), k.replaceAll("_", " ")));
    if (!await confirm("Upload these definitions?", `${sections.join(", ") || "Nothing"}. What is there already stays; nothing is deleted.`, { yes: "Upload" })) {
      return;
    }
    result.replaceChildren("This may take a while \u2026");
    try {
      const done = await ask(pathOf(hosts.value), { method: "POST", raw: text });
      result.replaceChildren(el("p", { class: "state good" }, "Done."), table(done) ?? "");
    } catch (error) {
      result.replaceChildren();
      throw error;
    }
  }

  point();
  let asked = false;
  return {
    title: "Definitions",
    node: el("div", {}, el("h1", { class: "unseen" }, "Definitions"),
      section("Definitions", null,
        el("p", {}, "Users, virtual hosts, permissions, queues, exchanges, bindings and policies in one file, in RabbitMQ's format. Messages are not in it."),
        el("div", { class: "field narrow" }, el("label", { htmlFor: "definitions-vhost" }, "Of"), hosts),
        el("div", { class: "buttons left" }, download)),
      section("Upload", null, el("div", { class: "field narrow" }, el("label", { htmlFor: "definitions-file" }, "File"), file),
        form([], upload, { yes: "Upload" }), result)),
    async refresh() {
      if (!asked) {
        asked = true;
        hosts.append(...(await vhostNames()).map(v => el("option", { value: v }, v)));
      }
    },
  };
}
