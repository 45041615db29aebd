// Begins, logs in and out, shows the view that the address names, and asks again every 5 seconds while the page is seen.

import { ask, onLoggedOut, post, User } from "./api.js";
import { el, button, say, visible } from "./dom.js";
import { numberOf } from "./format.js";
import { here, href } from "./router.js";
import { History } from "./chart.js";
import login from "./login.js";
import overview from "./overview.js";
import cluster from "./cluster.js";
import queues from "./queues.js";
import queue from "./queue.js";
import exchanges from "./exchanges.js";
import exchange from "./exchange.js";
import connections from "./connections.js";
import connection from "./connection.js";
import channels from "./channels.js";
import users from "./users.js";
import user from "./user.js";
import vhosts from "./vhosts.js";
import policies from "./policies.js";
import limits from "./limits.js";
import definitions from "./definitions.js";
import schedules from "./schedules.js";
import audit from "./audit.js";
import health from "./health.js";
import advice from "./advice.js";
import confirms from "./confirms.js";
import parameters from "./parameters.js";
import logs from "./logs.js";

const INTERVAL = 5000;
const byId = id => document.getElementById(id);

/** Name in the address, title in the menu (none for what is reached from others), who sees it, what shows it. */
const VIEWS = [
  ["", "Overview", u => u.looks, overview],
  ["cluster", "Cluster", u => u.monitors, cluster],
  ["advice", "Advice", u => u.monitors, advice],
  ["confirms", "Confirms", u => u.looks, confirms],
  ["queues", "Queues", u => u.looks, queues],
  ["queue", null, u => u.looks, queue],
  ["exchanges", "Exchanges", u => u.looks, exchanges],
  ["exchange", null, u => u.looks, exchange],
  ["connections", "Connections", u => u.looks, connections],
  ["connection", null, u => u.looks, connection],
  ["channels", "Channels", u => u.looks, channels],
  ["schedules", "Schedules", u => u.looks, schedules],
  ["policies", "Policies", u => u.seesPolicies, policies],
  ["vhosts", "Virtual hosts", u => u.looks, vhosts],
  ["users", "Users", u => u.administers, users],
  ["user", null, u => u.administers, user],
  ["limits", "Limits", u => u.looks, limits],
  ["parameters", "Parameters", u => u.seesPolicies, parameters],
  ["definitions", "Definitions", u => u.administers, definitions],
  ["audit", "Audit", u => u.monitors, audit],
  ["log", "Log", u => u.administers, logs],
  ["health", "Health", u => u.monitors, health],
];

const app = { user: null, view: null, overview: null, vhosts: [], rates: null, totals: null };
let timer = null;
let looking = 0;

const RATES = ["publish", "deliver_get", "ack"];

function newHistories() {
  app.rates = new History(["Published", "Delivered", "Acknowledged"]);
  app.totals = new History(["Ready", "Unacknowledged"]);
}

function menu() {
  const current = here().names[0];
  const under = { queue: "queues", exchange: "exchanges", connection: "connections", user: "users" }[current] ?? current;
  byId("menu").replaceChildren(el("ul", {}, VIEWS.filter(([, title, sees]) => title && sees(app.user)).map(([name, title]) =>
    el("li", {}, el("a", { href: href(name), "aria-current": name === under ? "page" : undefined }, title)))));
  byId("menu").hidden = false;
  byId("menu").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

function who() {
  const auto = el("input", { type: "checkbox", id: "auto", checked: app.auto !== false,
    on: { change: () => { app.auto = auto.checked; schedule(); } } });
  byId("who").replaceChildren(
    el("label", { class: "check", htmlFor: "auto" }, auto, "refresh"),
    el("span", {}, el("bdi", {}, visible(app.user.name)), " ",
      el("span", { class: "quiet" }, app.user.tags.join(", ") || "no tags")),
    button("Log out", logOut));
}

async function logOut() {
  await post("/api/logout").catch(error => say(error.message, true));
  showLogin();
}

function showLogin(text) {
  clearTimeout(timer);
  app.view?.close?.();
  app.user = app.view = null;
  document.querySelectorAll("dialog").forEach(dialog => dialog.close());
  byId("menu").hidden = true;
  byId("who").replaceChildren();
  complain("");
  byId("state").textContent = "";
  byId("state").className = "state";
  byId("main").replaceChildren(login(text, answer => {
    begin(new User(answer));
  }));
  document.title = "Log in \u2013 TallyMQ";
  byId("main").querySelector("input").focus();
}

function begin(found) {
  app.user = found;
  newHistories();
  who();
  show();
}

/** Shows what the address names. */
function show() {
  if (!app.user) {
    return;
  }
  app.view?.close?.();
  menu();
  const [name, ...names] = here().names;
  const found = VIEWS.find(view => view[0] === name);
  if (!app.user.looks) {
    app.view = note("Nothing to see", "This user has none of the tags management, policymaker, monitoring and administrator, so there is nothing"
      + " that he may look at here. An administrator can give him one.");
  } else if (!found) {
    app.view = note("There is no such view", "The address is none of this page's.");
  } else if (!found[2](app.user)) {
    app.view = note("Not for this user", "The user's tags do not allow to see this.");
  } else {
    app.view = viewOf(found[3], names);
  }
  byId("main").replaceChildren(app.view.node);
  document.title = `${app.view.title} \u2013 TallyMQ`;
  refresh();
}

/** A name that no address can have is told, as what the API refuses is. */
function viewOf(make, names) {
  try {
    return make(names, app);
  } catch (error) {
    if (error.status !== 400) {
      throw error;
    }
    return note("Not to be seen here", error.message);
  }
}

const note = (title, text) => ({ title, node: el("section", {}, el("h2", {}, title), el("p", {}, text)), refresh: async () => {} });

/** The last answers of what stands above every view. */
async function lookAround() {
  if (app.user.monitors) {
    const [cluster, nodes] = await Promise.all([ask("/api/cluster"), ask("/api/nodes")]);
    app.cluster = cluster;
    app.nodes = nodes;
    showState(cluster.serving);
    complain(troubles(cluster, nodes));
  } else {
    const ready = await ask("/api/health/checks/ready-to-serve-clients").then(() => true, error => {
      if (error.status !== 503) {
        throw error;
      }
      return false;
    });
    showState(ready);
    complain([...ready ? [] : [NOT_SERVING], ...app.user.looks ? await alarms() : []].join(" "));
  }
  if (app.user.looks) {
    const found = await ask("/api/overview");
    app.overview = found;
    app.rates.addCounters(RATES.map(counter => found.message_stats[counter]));
    app.totals.add([found.queue_totals.messages_ready, found.queue_totals.messages_unacknowledged]);
    byId("cluster-name").textContent = visible(found.cluster_name);
    byId("version").textContent = `${found.product_name} ${found.product_version}, node ${found.node}`;
  }
}

/** Of all nodes, for who does not see these: that is why his publishers wait. */
async function alarms() {
  const found = await ask("/api/health/checks/alarms").then(() => [], error => {
    if (error.status !== 503) {
      throw error;
    }
    return error.body?.alarms ?? [];
  });
  return found.map(alarm => alarmText(alarm.resource === "disk" ? "Disk" : "Memory", alarm.node));
}

const alarmText = (what, node) => `${what} alarm of ${node}: publishers are blocked.`;

function showState(serving) {
  const state = byId("state");
  state.textContent = serving ? "Serving" : "Not serving";
  state.className = "state " + (serving ? "good" : "bad");
}

const NOT_SERVING = "This node confirms no message now: it follows no leader. A majority of the nodes is unreachable"
  + " or an election is under way. Numbers below are this node's last.";

function troubles(cluster, nodes) {
  const found = cluster.serving ? [] : [NOT_SERVING];
  for (const node of nodes) {
    if (node.mem_alarm) {
      found.push(alarmText("Memory", node.name));
    }
    if (node.disk_free_alarm) {
      found.push(alarmText("Disk", node.name));
    }
  }
  const away = cluster.members.filter(member => !member.reachable).map(member => member.name);
  if (away.length) {
    found.push(`Not reachable: ${away.join(", ")}. Of ${numberOf(cluster.members.length)} nodes a majority has to be there.`);
  }
  return found.join(" ");
}

/** An alert is read out whenever it changes: it is left alone while it says the same. */
function complain(text) {
  const banner = byId("banner");
  if (banner.textContent !== text) {
    banner.textContent = text;
  }
  banner.hidden = !text;
}

async function refresh() {
  clearTimeout(timer);
  const mine = ++looking;
  try {
    await lookAround();
    if (mine === looking) {
      await app.view?.refresh?.();
    }
    if (mine === looking) { // else another view is there meanwhile, which has no answer yet
      byId("updated").textContent = "Updated " + new Date().toLocaleTimeString();
    }
  } catch (error) {
    if (mine === looking && app.user && error.status !== 401) {
      if (error.status === undefined) {
        console.error(error);
      }
      showTrouble(error);
    }
  }
  if (mine === looking) {
    schedule();
  }
}

function showTrouble(error) {
  if (error.status === 0) {
    const state = byId("state");
    state.textContent = "No answer";
    state.className = "state bad";
  }
  complain(error.status === 404 ? "There is none of this name (any more)." : error.message);
}

function schedule() {
  clearTimeout(timer);
  if (app.user && app.auto !== false && !document.hidden) {
    timer = setTimeout(refresh, INTERVAL);
  }
}

/** After something was changed. */
app.refresh = refresh;

addEventListener("hashchange", () => {
  show();
  byId("main").focus({ preventScroll: true });
  scrollTo(0, 0);
});
document.addEventListener("visibilitychange", () => document.hidden ? clearTimeout(timer) : app.user && refresh());
byId("skip").addEventListener("click", event => {
  event.preventDefault();
  byId("main").focus();
});
onLoggedOut(() => {
  if (app.user) {
    showLogin("The session has ended: log in again.");
  }
});

try {
  begin(new User(await ask("/api/whoami")));
} catch (error) {
  if (error.status === undefined) {
    console.error(error);
  }
  showLogin(error.status === 401 ? "" : error.message);
}
