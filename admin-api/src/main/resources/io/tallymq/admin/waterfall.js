// Phases one after the other, as bars. The numbers stand beside them, so the bars are for those who see.

import { el, name, svg } from "./dom.js";
import { plain } from "./table.js";

const decimal = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Microseconds, as people read them. */
export const microsOf = micros => micros === undefined || micros === null ? "\u2013"
  : micros < 1000 ? `${decimal.format(micros)} \u00b5s` : micros < 1e6 ? `${decimal.format(micros / 1000)} ms` : `${decimal.format(micros / 1e6)} s`;

const share = (part, all) => `${Math.min(100, 100 * part / Math.max(all, 1e-9))}%`;

/** One bar: where it begins, how long it is, and how far it reaches at times. */
function bar(row, all, of) {
  if (row.took === null || row.took === undefined) {
    return el("span", { class: "quiet" }, "not known");
  }
  const rect = (from, long, kind) => svg("rect", { x: share(from, all), width: share(Math.max(long, all / 250), all), height: "100%", rx: 2, class: kind });
  return svg("svg", { class: "bar-of-time", "aria-hidden": "true" },
    row.most > row.took ? rect(row.start, row.most, "most") : null,
    rect(row.start, row.took, "series-" + of));
}

/**
 * Rows that share a scale.
 *
 * @param rows of phase, start, took, most (null for none), about
 * @param all how long the scale is
 * @param of which colour
 */
export function waterfall(title, rows, all, { of = 0, columns, node = false }) {
  return plain([
    { title: "Phase", path: null, numeric: false, write: (v, row) => el("abbr", { class: "phase", title: row.about ?? "" }, row.phase) },
    ...node ? [{ title: "Node", path: null, numeric: false, write: (v, row) => name(row.node, "") }] : [],
    ...columns.map(([head, field]) => ({ title: head, path: null, numeric: true, write: (v, row) => microsOf(row[field]) })),
    { title: "When", path: null, numeric: false, write: (v, row) => bar(row, all, of) },
  ], rows, "Nothing was measured.", title);
}
