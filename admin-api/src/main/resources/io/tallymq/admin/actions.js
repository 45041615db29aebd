// What is done to queues from several views.

import { api, ask, put, remove } from "./api.js";
import { say, visible } from "./dom.js";
import { numberOf, plural } from "./format.js";
import { confirm, progress } from "./dialog.js";

/** Runs it, says what came of it; true if it was done. */
export async function attempt(work, done) {
  try {
    await work();
    if (done) {
      say(done);
    }
    return true;
  } catch (error) {
    if (error.status !== 401) {
      say(error.message, true);
    }
    return false;
  }
}

/**
 * Waits for what a view is about. Its buttons can be used from then on, not before, as they ask by what they know of it, and no more when it is gone.
 */
export async function whenFound(buttons, answers) {
  const use = may => buttons.querySelectorAll("button").forEach(b => { b.disabled = !may; });
  try {
    const found = await answers;
    use(true);
    return found;
  } catch (error) {
    if (error.status === 404) {
      use(false);
    }
    throw error;
  }
}

/** For a button until whenFound() says otherwise. */
export const UNFOUND = { disabled: true };

/** The virtual hosts that the user sees. */
export const vhostNames = async () => (await ask("/api/vhosts")).map(v => v.name);

export async function purge(queue) {
  const text = `What is ready is deleted: ${plural(queue.messages_ready ?? 0, "message")}. What consumers hold stays.`;
  return await confirm(`Purge ${visible(queue.name)}?`, text, { yes: "Purge" })
    && attempt(() => remove(api("queues", queue.vhost, queue.name) + "/contents"), `${visible(queue.name)} is purged.`);
}

/** Of one that is paused: it goes on. */
export async function pauseOrResume(queue) {
  const path = api("queues", queue.vhost, queue.name);
  if (queue.state === "paused") {
    return await attempt(() => put(path + "/resume"), `${visible(queue.name)} goes on.`);
  }
  const text = "Nobody is given its messages until it is resumed. It takes messages, and acks, meanwhile.";
  return await confirm(`Pause ${visible(queue.name)}?`, text, { yes: "Pause" })
    && attempt(() => put(path + "/pause"), `${visible(queue.name)} is paused.`);
}

export async function deleteQueue(queue) {
  const text = `The queue goes with its ${plural(queue.messages ?? 0, "message")}, its bindings and its ${plural(queue.consumers ?? 0, "consumer")}.`;
  return await confirm(`Delete ${visible(queue.name)}?`, text, { typed: queue.messages > 0 ? "delete" : undefined })
    && attempt(() => remove(api("queues", queue.vhost, queue.name)), `${visible(queue.name)} is deleted.`);
}

/**
 * One thing done to many queues.
 *
 * @param verb Purge or Delete
 * @param run does it to all, as progress() wants it
 * @return those that are left; null if it was not begun
 */
export async function many(verb, rows, run) {
  const n = rows.length;
  const messages = rows.reduce((sum, row) => sum + (row.messages ?? 0), 0);
  const text = `${numberOf(messages)} messages are in them.`;
  if (await confirm(`${verb} ${plural(n, "queue")}?`, text, { yes: verb, typed: n > 1 ? String(n) : undefined })) {
    return progress(`${verb} ${plural(n, "queue")}`, run);
  }
  return null;
}
