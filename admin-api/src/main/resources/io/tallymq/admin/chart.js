// Curves over the last minutes. What they are made of is kept here while the page is open: the API tells of now.

import { el } from "./dom.js";
import { numberOf, rateOf } from "./format.js";

/** An hour of looks, one each 5 seconds. */
const MOST = 720;

/** Seconds that are shown at least. */
const LEAST = 120;

const clock = seconds => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });

/** Named rows of numbers by time. */
export class History {
  constructor(names) {
    this.names = names;
    this.times = [];
    this.rows = names.map(() => []);
    this.last = null;
  }

  add(values, now = Date.now() / 1000) {
    this.times.push(now);
    this.rows.forEach((row, i) => row.push(values[i] ?? null));
    if (this.times.length > MOST) {
      this.times.shift();
      this.rows.forEach(row => row.shift());
    }
  }

  /** Of counters that only grow, the change per second since they were last told; nothing for the first time. */
  addCounters(counters) {
    const now = performance.now() / 1000;
    const was = this.last;
    this.last = { now, counters };
    this.add(counters.map((value, i) => {
      const before = was?.counters[i];
      return value === undefined || before === undefined ? null
        : Math.max(0, (value - before) / Math.max(.001, now - was.now));
    }));
  }
}

const colours = () => {
  const style = getComputedStyle(document.documentElement);
  return name => style.getPropertyValue("--" + name).trim();
};

/** A chart of a history. */
export class Chart {
  /** @param rate whether the values are per second */
  constructor(title, history, rate) {
    this.history = history;
    this.write = rate ? rateOf : value => numberOf(value === null ? null : Math.round(value));
    this.place = el("div", { class: "plot", "aria-hidden": "true" });
    this.legend = el("ul", { class: "legend" });
    this.node = el("figure", { class: "chart" }, el("figcaption", {}, title), this.legend, this.place);
    this.values = history.names.map((name, i) => {
      const value = el("span", { class: "value" });
      this.legend.append(el("li", {}, el("span", { class: "swatch series-" + i }), name + " ", value));
      return value;
    });
    this.watcher = new ResizeObserver(() => this.plot?.setSize(this.size()));
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.recolour = () => {
      this.clear();
      this.show();
    };
    this.scheme.addEventListener("change", this.recolour);
  }

  clear() {
    this.plot?.destroy();
    this.plot = null;
  }

  /** Its view is left: nothing holds the chart any more, neither the window nor the browser's settings. */
  close() {
    this.closed = true;
    this.watcher.disconnect();
    this.scheme.removeEventListener("change", this.recolour);
    this.clear();
  }

  size() {
    return { width: Math.max(120, this.place.clientWidth), height: 150 };
  }

  make() {
    const colour = colours();
    const axis = { stroke: colour("quiet"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
    this.plot = new window.uPlot({
      ...this.size(),
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { range: (u, min, max) => [Math.min(min, max - LEAST), max] }, y: { range: (u, min, max) => [0, Math.max(1, (max ?? 0) * 1.1)] } },
      axes: [{ ...axis, space: 90, size: 28, values: (u, times) => times.map(clock) }, { ...axis, size: 60, values: (u, values) => values.map(v => numberOf(v)) }],
      series: [{}, ...this.history.names.map((label, i) => ({
        label, stroke: colour("series-" + i), width: 2, points: { show: false }, spanGaps: false,
      }))],
      hooks: { setCursor: [u => this.tell(u.cursor.idx)] },
    }, this.data(), this.place);
    this.watcher.observe(this.place);
  }

  data() {
    return [this.history.times, ...this.history.rows];
  }

  tell(index) {
    const i = index ?? this.history.times.length - 1;
    this.values.forEach((value, row) => { value.textContent = this.write(this.history.rows[row][i] ?? null); });
  }

  /** Draws what the history has now. */
  show() {
    if (window.uPlot && this.place.isConnected && !this.closed) {
      if (this.plot) {
        this.plot.setData(this.data());
      } else {
        this.make();
      }
    }
    this.tell(this.plot?.cursor.idx);
  }
}
