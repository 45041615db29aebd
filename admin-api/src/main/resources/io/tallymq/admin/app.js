"use strict";

// Shows what the API says, and asks again every 5 seconds while the page is visible.

const INTERVAL = 5000;
const PAGE_SIZE = 20;
const UNKNOWN = "\u2013";
const count = new Intl.NumberFormat("en");
const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const byId = id => document.getElementById(id);

const numberOf = value => value === undefined || value === null ? UNKNOWN : count.format(value);
const rateOf = value => value === undefined || value === null ? UNKNOWN : decimal.format(value) + "/s";

function bytesOf(value) {
  if (value === undefined || value === null) {
    return UNKNOWN;
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return decimal.format(value) + " " + units[unit];
}

function timeOf(milliseconds) {
  const minutes = Math.floor(milliseconds / 60000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  return (days ? days + " d " : "") + (days || hours ? hours + " h " : "") + minutes % 60 + " min";
}

/** The value at a dotted path, or undefined. */
const at = (row, path) => path.split(".").reduce((value, field) => value?.[field], row);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) {
    made.textContent = text;
  }
  if (className) {
    made.className = className;
  }
  return made;
}

async function ask(path) {
  // A page opened as http://user:password@host/ may not fetch relative to its own address.
  const response = await fetch(location.origin + path, { headers: { Accept: "application/json" } });
  const body = await response.json();
  if (!response.ok) {
    throw new Error(body.reason ?? response.statusText);
  }
  return body;
}

/** A column: its title, the path of its value, how it is written, and whether it is a number. */
const text = (title, path, write = value => value ?? UNKNOWN) => ({ title, path, write, numeric: false });
const number = (title, path, write = numberOf) => ({ title, path, write, numeric: true });

const MEMBERS = [
  text("Node", "name"),
  text("Address", "host"),
  text("Role", "role", role => role.toLowerCase()),
  text("Reachable", "reachable", yes => yes ? "yes" : "no"),
  number("Term", "term"),
  number("Commit", "commit_index"),
  number("Applied", "applied_index"),
  number("Durable", "durable_index"),
  number("Lag", "lag"),
];

const QUEUES = [
  text("Name", "name"),
  text("State", "state"),
  number("Ready", "messages_ready"),
  number("Unacked", "messages_unacknowledged"),
  number("Total", "messages"),
  number("Ready bytes", "message_bytes_ready", bytesOf),
  number("Consumers", "consumers"),
  number("In", "message_stats.publish_details.rate", rateOf),
  number("Delivered", "message_stats.deliver_get_details.rate", rateOf),
  number("Acked", "message_stats.ack_details.rate", rateOf),
];

const CONNECTIONS = [
  text("Name", "name"),
  text("Client", "user_provided_name"),
  text("Node", "node"),
  text("User", "user"),
  text("State", "state"),
  number("Channels", "channels"),
  number("Consumers", "consumers"),
  number("From client", "recv_oct_details.rate", value => value === undefined ? UNKNOWN : bytesOf(value) + "/s"),
  number("To client", "send_oct_details.rate", value => value === undefined ? UNKNOWN : bytesOf(value) + "/s"),
];

function fillBody(table, columns, rows, nothing) {
  const body = element("tbody");
  for (const row of rows) {
    const line = element("tr");
    columns.forEach((column, i) => {
      const value = at(row, column.path);
      const cell = element(i === 0 ? "th" : "td", column.write(value), column.numeric ? "number" : "");
      if (i === 0) {
        cell.scope = "row";
      }
      if (value === false || value === "minority" || value === "blocked") {
        cell.classList.add("bad");
      }
      line.append(cell);
    });
    body.append(line);
  }
  if (rows.length === 0) {
    const cell = element("td", nothing, "empty");
    cell.colSpan = columns.length;
    const line = element("tr");
    line.append(cell);
    body.append(line);
  }
  table.tBodies[0]?.remove();
  table.append(body);
}

function headings(columns) {
  const head = element("thead");
  const line = element("tr");
  for (const column of columns) {
    const cell = element("th", column.title, column.numeric ? "number" : "");
    cell.scope = "col";
    line.append(cell);
  }
  head.append(line);
  return head;
}

/** A table whose rows come in pages, filtered and sorted by the server. */
class List {
  constructor(kind, path, columns) {
    this.path = path;
    this.columns = columns;
    this.kind = kind;
    this.page = 1;
    this.sort = null;
    this.reverse = false;
    this.table = byId(kind + "-table");
    this.pager = byId(kind + "-pager");
    this.filter = byId(kind + "-name");
    this.filter.addEventListener("input", () => {
      this.page = 1;
      this.load();
    });
    this.makeHead();
    this.makePager();
  }

  makeHead() {
    const head = headings(this.columns);
    [...head.rows[0].cells].forEach((cell, i) => {
      const button = element("button", cell.textContent);
      button.type = "button";
      button.addEventListener("click", () => this.sortBy(this.columns[i], cell));
      cell.replaceChildren(button);
    });
    this.table.append(head);
  }

  makePager() {
    this.previous = element("button", "Previous");
    this.next = element("button", "Next");
    this.place = element("span");
    this.previous.type = this.next.type = "button";
    this.previous.addEventListener("click", () => this.turn(-1));
    this.next.addEventListener("click", () => this.turn(1));
    this.pager.append(this.previous, this.place, this.next);
  }

  turn(pages) {
    this.page += pages;
    this.load();
  }

  sortBy(column, cell) {
    // Numbers are most telling when the largest come first.
    this.reverse = this.sort === column.path ? !this.reverse : column.numeric;
    this.sort = column.path;
    this.page = 1;
    for (const other of cell.parentElement.cells) {
      other.removeAttribute("aria-sort");
    }
    cell.setAttribute("aria-sort", this.reverse ? "descending" : "ascending");
    this.load();
  }

  async load() {
    const query = new URLSearchParams({ page: this.page, page_size: PAGE_SIZE });
    if (this.filter.value) {
      query.set("name", this.filter.value);
    }
    if (this.sort) {
      query.set("sort", this.sort);
      query.set("sort_reverse", this.reverse);
    }
    const question = this.question = `${this.path}?${query}`;
    try {
      const answer = await ask(question);
      if (question === this.question) {
        this.show(answer);
      }
    } catch (error) {
      if (this.page > 1) {
        // The list got shorter meanwhile.
        this.page = 1;
        return this.load();
      }
      complain(error);
    }
  }

  show(answer) {
    fillBody(this.table, this.columns, answer.items, this.filter.value ? "None has this in its name." : "None.");
    this.previous.disabled = answer.page <= 1;
    this.next.disabled = answer.page >= answer.page_count;
    this.place.textContent = `${count.format(answer.filtered_count)} in ${answer.page_count} page`
      + `${answer.page_count === 1 ? "" : "s"}, page ${answer.page}`;
  }
}

function showOverview(overview) {
  const rate = path => rateOf(at(overview, path));
  const tiles = [
    ["Ready messages", numberOf(overview.queue_totals.messages_ready)],
    ["Unacked messages", numberOf(overview.queue_totals.messages_unacknowledged)],
    ["Into queues", rate("message_stats.publish_details.rate")],
    ["Delivered", rate("message_stats.deliver_get_details.rate")],
    ["Acked", rate("message_stats.ack_details.rate")],
    ["Queues", numberOf(overview.object_totals.queues)],
    ["Connections", numberOf(overview.object_totals.connections)],
    ["Consumers", numberOf(overview.object_totals.consumers)],
  ];
  byId("tiles").replaceChildren(...tiles.map(([title, value]) => {
    const tile = element("div");
    tile.append(element("dt", title), element("dd", value));
    return tile;
  }));
  byId("version").textContent = `${overview.product_name} ${overview.product_version}`;
}

function showCluster(cluster) {
  byId("cluster-name").textContent = cluster.cluster;
  document.title = `${cluster.cluster} \u2013 TallyMQ`;
  const state = byId("state");
  state.textContent = cluster.serving ? "Serving" : "Not serving";
  state.className = "state " + (cluster.serving ? "good" : "bad");
  const members = byId("members");
  if (!members.tHead) {
    members.append(headings(MEMBERS));
  }
  fillBody(members, MEMBERS, cluster.members, "None.");
}

function showNode(name, node) {
  const parts = [`You are looking at ${name}`];
  if (node) {
    parts.push(`up ${timeOf(node.uptime)}`, `memory ${bytesOf(node.mem_used)}`, `disk free ${bytesOf(node.disk_free)}`,
      `${numberOf(node.fd_used)} of ${numberOf(node.fd_total)} files open`, `${numberOf(node.processors)} processors`);
  }
  byId("node-line").textContent = parts.join(" \u00b7 ");
}

function showBanner(cluster, node) {
  const troubles = [];
  if (!cluster.serving) {
    troubles.push("This node confirms no message now: it follows no leader. A majority of the nodes is unreachable"
      + " or an election is under way. Numbers below are this node's last.");
  }
  if (node?.mem_alarm) {
    troubles.push("Memory alarm: publishers are blocked.");
  }
  if (node?.disk_free_alarm) {
    troubles.push("Disk alarm: publishers are blocked.");
  }
  complain(troubles.length ? new Error(troubles.join(" ")) : null);
}

function complain(error) {
  const banner = byId("banner");
  banner.hidden = !error;
  // An alert is read out whenever it changes: leave it alone while it says the same.
  if (error && banner.textContent !== error.message) {
    banner.textContent = error.message;
  }
}

const lists = [new List("queues", "/api/queues", QUEUES), new List("connections", "/api/connections", CONNECTIONS)];
let timer = null;

async function refresh() {
  clearTimeout(timer);
  try {
    const [cluster, overview] = await Promise.all([ask("/api/cluster"), ask("/api/overview")]);
    const node = await ask("/api/nodes/" + encodeURIComponent(cluster.node)).catch(() => null);
    showCluster(cluster);
    showOverview(overview);
    showNode(cluster.node, node);
    showBanner(cluster, node);
    await Promise.all(lists.map(list => list.load()));
    byId("updated").textContent = "Updated " + new Date().toLocaleTimeString();
  } catch (error) {
    const state = byId("state");
    state.textContent = "No answer";
    state.className = "state bad";
    complain(new Error("The node does not answer: " + error.message));
  }
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (byId("auto").checked && !document.hidden) {
    timer = setTimeout(refresh, INTERVAL);
  }
}

byId("auto").addEventListener("change", schedule);
byId("now").addEventListener("click", refresh);
document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(timer) : refresh());
refresh();
