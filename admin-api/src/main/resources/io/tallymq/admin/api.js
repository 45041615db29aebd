// Asks this node. Everything the page knows comes through here.

/** What the API refused, or a node that does not answer (status 0). */
export class ApiError extends Error {
  constructor(status, reason, body) {
    super(reason);
    this.status = status;
    this.body = body;
  }
}

let loggedOut = () => {};

/** Called when an answer says that the session has ended. */
export function onLoggedOut(then) {
  loggedOut = then;
}

async function read(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return { reason: text };
  }
}

function reasonOf(response, body) {
  const done = body?.done ? ` Done so far: ${JSON.stringify(body.done)}` : "";
  return (body?.reason || body?.error || `${response.status} ${response.statusText}`) + done;
}

/** The answer's JSON; null for an empty one. */
export async function ask(path, { method = "GET", body, raw, reason } = {}) {
  // The header keeps the browser from asking for a password itself, and other sites' pages from using the session.
  const headers = { Accept: "application/json", "X-Requested-With": "TallyMQ" };
  if (reason) {
    headers["X-Reason"] = reason;
  }
  let response;
  try {
    response = await fetch(location.origin + path, {
      method, headers, body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
    });
  } catch {
    throw new ApiError(0, "The node does not answer.");
  }
  const answer = await read(response);
  if (response.ok) {
    return answer;
  }
  if (response.status === 401 && path !== "/api/login") {
    loggedOut();
  }
  throw new ApiError(response.status, reasonOf(response, answer), answer);
}

export const put = (path, body = {}) => ask(path, { method: "PUT", body });
export const post = (path, body = {}) => ask(path, { method: "POST", body });
export const remove = (path, reason) => ask(path, { method: "DELETE", reason });

/**
 * A path of segments that are names: what="queues", names=["/", "a b"] is /api/queues/%2F/a%20b. Browsers take "." and ".." out of a path however
 * they are written, so what is meant for such a name would act on something else: a purge of the queue "." would delete the queue "contents".
 */
export function api(what, ...names) {
  const lost = names.find(name => name === "." || name === "..");
  if (lost !== undefined) {
    throw new ApiError(400, `A browser can't ask for "${lost}": it takes this name out of addresses. The command line can: tally.`);
  }
  return "/api/" + what + names.map(name => "/" + encodeURIComponent(name)).join("");
}

/** How paths call the exchange that has no name. */
export const exchangeName = name => name === "" ? "amq.default" : name;

const known = new Map();

/**
 * Whether this node has a path that not every version has: it is asked for once. A path that is known but has nothing to show, or does not answer
 * to GET, is there all the same.
 */
export function has(path) {
  if (!known.has(path)) {
    known.set(path, ask(path).then(() => true, error => {
      if (error.status === 0 || error.status === 401 || error.status >= 500) {
        known.delete(path);
        return false;
      }
      return !(error.status === 404 && error.message === "there is no such resource");
    }));
  }
  return known.get(path);
}

/** Pages of 500 rows until there are no more, or so many. */
export async function all(path, query = {}, most = 100000) {
  const rows = [];
  for (let page = 1; rows.length < most; page++) {
    const answer = await ask(`${path}?${new URLSearchParams({ ...query, page, page_size: 500 })}`);
    rows.push(...answer.items);
    if (page >= answer.page_count) {
      break;
    }
  }
  return rows;
}

/** Runs a task per item, a few at a time. Tells how far it is; ends early when {@code stopped()}. Returns what failed and what was not begun. */
export async function each(items, task, { told = () => {}, stopped = () => false, width = 4 } = {}) {
  const failures = [];
  let next = 0;
  let done = 0;
  const worker = async () => {
    while (next < items.length && !stopped()) {
      const item = items[next++];
      try {
        await task(item);
      } catch (error) {
        failures.push({ item, error });
      }
      told(++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return { done, failures, undone: items.slice(next) };
}

/** Who is logged in, and what his tags let him do. */
export class User {
  constructor({ name, tags }) {
    this.name = name;
    this.tags = tags;
    this.administers = tags.includes("administrator");
    this.monitors = this.administers || tags.includes("monitoring");
    this.makesPolicies = this.administers || tags.includes("policymaker");
    this.seesPolicies = this.monitors || this.makesPolicies;
    this.looks = this.seesPolicies || tags.includes("management");
  }
}
