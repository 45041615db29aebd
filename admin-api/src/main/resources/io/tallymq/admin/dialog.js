// Dialogs: the browser's own element keeps the focus inside, closes on Esc and gives the focus back.

import { el, button } from "./dom.js";

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

/** Shows how far work on many things is; it can be stopped. */
export function progress(title, work) {
  let stopped = false;
  return open(title, close => {
    const bar = el("progress", { max: 1, value: 0, "aria-label": title });
    const text = el("p", { role: "status" }, "Starting");
    const list = el("ul", { class: "failures" });
    const end = button("Stop", () => {
      stopped = true;
      end.disabled = true;
    });
    const told = (done, all) => {
      bar.max = all;
      bar.value = done;
      text.textContent = `${done} of ${all}`;
    };
    work(told, () => stopped).then(({ done, failures }) => {
      text.textContent = failures.length ? `${done} done, ${failures.length} of them refused` : `${done} done`;
      list.append(...failures.slice(0, 20).map(f => el("li", {}, `${f.item.name ?? f.item}: ${f.error.message}`)));
      end.replaceWith(button("Close", () => close(true), { autofocus: true }));
    });
    return [text, bar, list, el("div", { class: "buttons" }, end)];
  });
}
