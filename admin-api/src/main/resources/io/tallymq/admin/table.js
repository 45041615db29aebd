// Tables of rows that are at hand.

import { el, button, name as nameOf, reached } from "./dom.js";
import { at, numberOf, UNKNOWN } from "./format.js";

/** A column: its title, the path of its value, how the value is written (text or an element), and whether it is a number. */
export const text = (title, path, write = value => typeof value === "string" ? nameOf(value, UNKNOWN) : value ?? UNKNOWN) =>
  ({ title, path, write, numeric: false });
export const number = (title, path, write = numberOf) => ({ title, path, write, numeric: true });
/** One that can't be sorted by. */
export const cell = (title, write, numeric = false) => ({ title, path: null, write: (v, row) => write(row), numeric });

/** The head of a column; a button if it can be sorted by. */
export function headCell(column, sorted, reverse, sort) {
  const th = el("th", { scope: "col", class: column.numeric ? "number" : "" });
  if (column.path && sort) {
    th.append(button(column.title, () => sort(column)));
    if (sorted === column.path) {
      th.setAttribute("aria-sort", reverse ? "descending" : "ascending");
    }
  } else if (column.title) {
    th.append(column.title);
  } else {
    th.append(el("span", { class: "unseen" }, "Actions"));
  }
  return th;
}

/** @param first the column that names the row */
export function line(columns, row, first) {
  const tr = el("tr", {});
  columns.forEach((column, i) => {
    const value = column.path ? at(row, column.path) : undefined;
    const head = i === first;
    const made = el(head ? "th" : "td", { class: column.numeric ? "number" : "", scope: head ? "row" : undefined });
    const written = column.write(value, row);
    made.append(...[written].flat().filter(x => x !== null && x !== undefined && x !== false));
    if (value === false && column.bad || value === "minority" || value === "blocked") {
      made.classList.add("bad");
    }
    tr.append(made);
  });
  return tr;
}

/** Rows that are all at hand. */
export function plain(columns, rows, nothing = "None.", label) {
  return el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": label ?? columns[0].title },
    el("table", {},
      el("thead", {}, el("tr", {}, columns.map(c => headCell(c)))),
      el("tbody", {}, rows.length ? rows.map(row => line(columns, row, 0))
        : el("tr", {}, el("td", { class: "empty", colSpan: columns.length }, nothing)))));
}

/** What makes a row the one that it is, in any of the API's lists. */
const identity = row => JSON.stringify([row.vhost, row.user, row.component, row.name, row.key, row.exchange, row.source, row.destination_type,
  row.destination, row.properties_key, row.consumer_tag, row.channel_details?.name]);

/** Gives a table new rows. Who is in the middle of the old ones by keyboard stays with his row, wherever it is now; without it he is before the table. */
export function replaceRows(body, was, now, made) {
  const focused = document.activeElement;
  const cell = body.contains(focused) ? focused.closest("td, th") : null;
  const from = cell && { row: cell.parentElement.sectionRowIndex, cell: cell.cellIndex, nth: reached(cell).indexOf(focused) };
  body.replaceChildren(...made);
  if (from) {
    const wanted = was[from.row] && identity(was[from.row]);
    const same = row => row && identity(row) === wanted;
    const row = same(now[from.row]) ? from.row : now.findIndex(same);
    const place = row < 0 ? undefined : body.rows[row].cells[from.cell];
    (place && reached(place)[from.nth] || body.closest("[tabindex]")).focus({ preventScroll: true });
  }
}

/** Rows that are all at hand and are told again and again: nothing is drawn anew that says the same. */
export class Table {
  constructor(columns, label, nothing = "None.") {
    Object.assign(this, { columns, rows: [], seen: "" });
    this.more = el("p", { class: "quiet", hidden: true });
    this.node = el("div", {}, plain(columns, [], nothing, label), this.more);
    this.body = this.node.querySelector("tbody");
    this.empty = [...this.body.children];
  }

  /** @param more what is said below, of rows that are not shown */
  show(rows, more = "") {
    const made = rows.length ? rows.map(row => line(this.columns, row, 0)) : this.empty;
    // Both: a cell may tell of the time, which no row does, and a row may have what its buttons need and no cell shows.
    const now = JSON.stringify(rows);
    if (now !== this.seen || made.some((tr, i) => !tr.isEqualNode(this.body.rows[i]))) {
      replaceRows(this.body, this.rows, rows, made);
      this.seen = now;
      this.rows = rows;
    }
    this.more.textContent = more;
    this.more.hidden = !more;
  }
}
