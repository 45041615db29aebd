// Dialogs: the browser's own element keeps the focus inside, closes on Esc and gives the focus back.

import { el, button, say } from "./dom.js";
import { numberOf } from "./format.js";

let number = 0;

/** Opens a dialog. {@code close} is given to what builds it; resolves with what it was closed with, undefined on Esc. */
export function open(title, build, className = "") {
  return new Promise(resolve => {
    const id = "dialog-" + ++number;
    let result;
    const dialog = el("dialog", { class: className, "aria-labelledby": id });
    const close = value => {
      result = value;
      dialog.close();
    };
    dialog.append(el("h2", { id }, title), ...[build(close)].flat());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(result);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/**
 * Asks before something is done that can't be undone.
 *
 * @param typed what has to be typed first, for what is worse
 */
export function confirm(title, text, { yes = "Delete", typed } = {}) {
  return open(title, close => {
    const go = button(yes, () => close(true), { class: "danger", disabled: Boolean(typed) });
    const field = typed && el("input", {
      type: "text", autocomplete: "off", on: { input: event => { go.disabled = event.target.value !== typed; } },
    });
    return [
      el("p", {}, text),
      field && el("label", { class: "field" }, `Type ${typed} to go on`, field),
      el("div", { class: "buttons" }, button("Cancel", () => close(false), { autofocus: !typed }), go),
    ].filter(Boolean);
  });
}

/** What is told of the end: how many were done, and what became of the others. */
function ending({ done, failures, undone }) {
  return `${numberOf(done - failures.length)} done` + (failures.length ? `, ${numberOf(failures.length)} refused` : "")
    + (undone.length ? `, ${numberOf(undone.length)} not begun` : "");
}

const refusal = f => `${f.item.name ?? f.item}: ${f.error.message}`;

/**
 * Shows how far work on many things is. It is stopped by its button, and by all that closes the dialog: nothing goes on that nobody sees. Resolves
 * when the last one has ended, with those that are left: what was refused and what was not begun.
 */
export async function progress(title, work) {
  let stopped = false;
  let told = false;
  let ended;
  await open(title, close => {
    const bar = el("progress", { max: 1, value: 0, "aria-label": title });
    const text = el("p", { role: "status" }, "Starting");
    const list = el("ul", { class: "failures" });
    const end = button("Stop", () => {
      stopped = true;
      end.disabled = true;
    });
    const tell = (done, all) => {
      bar.max = all;
      bar.value = done;
      text.textContent = `${numberOf(done)} of ${numberOf(all)}`;
    };
    ended = work(tell, () => stopped).then(result => {
      told = Boolean(bar.closest("dialog")?.open);
      text.textContent = ending(result);
      list.append(...result.failures.slice(0, 20).map(f => el("li", {}, refusal(f))));
      const last = button("Close", () => close(true));
      end.replaceWith(last);
      last.focus();
      return result;
    });
    return [text, bar, list, el("div", { class: "buttons" }, end)];
  });
  stopped = true;
  const result = await ended;
  if (!told) {
    say([`${title}: ${ending(result)}.`, ...result.failures.slice(0, 1).map(refusal)].join(" "), true);
  }
  return [...result.failures.map(f => f.item), ...result.undone];
}
