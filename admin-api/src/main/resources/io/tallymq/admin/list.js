// Lists: the server is asked for a page of rows, sorted and filtered there, so it works with any number of them.

import { ask } from "./api.js";
import { el, button, redraw } from "./dom.js";
import { numberOf } from "./format.js";
import { here, remember } from "./router.js";
import { headCell, line, replaceRows } from "./table.js";

const PAGE_SIZES = [20, 50, 100, 500];

/** A list of rows by the server. */
export class List {
  /**
   * @param path what is asked; may be a function
   * @param keep whether filter and order stand in the address
   * @param actions buttons for rows that are chosen: [{ text, act(rows) }]
   * @param search what is filtered by, null for no filter
   */
  constructor({ title, path, columns, nothing = "None.", keep = true, actions = [], search = "Name", beside = [], size = 50, query = {} }) {
    Object.assign(this, { title, path, nothing, keep, actions, query });
    this.chosen = new Map();
    this.rows = [];
    this.columns = actions.length ? [this.chooser(), ...columns] : columns;
    const was = keep ? here().query : new URLSearchParams();
    this.page = Number(was.get("page") ?? 1) || 1;
    this.size = PAGE_SIZES.includes(Number(was.get("size"))) ? Number(was.get("size")) : size;
    this.sort = was.get("sort");
    this.reverse = was.get("reverse") === "true";
    this.build(search, was, beside);
  }

  build(search, was, beside) {
    this.filter = el("input", { type: "search", autocomplete: "off", spellcheck: false, value: was.get("name") ?? "",
      on: { input: () => { clearTimeout(this.typing); this.typing = setTimeout(() => this.first(), 200); } } });
    this.regex = el("input", { type: "checkbox", checked: was.get("regex") === "true", on: { change: () => this.first() } });
    this.head = el("thead", {});
    this.body = el("tbody", {});
    this.place = el("span", { role: "status" });
    this.previous = button("Previous", () => this.turn(-1));
    this.next = button("Next", () => this.turn(1));
    this.sizes = el("select", { "aria-label": "Rows per page", on: { change: () => {
      this.size = Number(this.sizes.value);
      this.first();
    } } }, PAGE_SIZES.map(n => el("option", { value: n, selected: n === this.size }, `${n} per page`)));
    this.tools = el("div", { class: "tools", hidden: true });
    this.problem = el("p", { class: "problem", role: "alert", hidden: true });
    this.node = el("section", {},
      el("div", { class: "bar" }, el("h2", {}, this.title), ...beside,
        search && el("label", {}, search + " ", this.filter),
        search && el("label", { class: "check" }, this.regex, "regular expression"),
        el("nav", { class: "pager", "aria-label": `Pages of ${this.title}` }, this.place, this.sizes, this.previous, this.next)),
      this.tools, this.problem,
      el("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": this.title },
        el("table", {}, this.head, this.body)));
    this.headings();
  }

  key(row) {
    return JSON.stringify([row.vhost, row.name]);
  }

  chooser() {
    return { title: "", path: null, numeric: false, write: (v, row) => el("input", {
      type: "checkbox", "aria-label": `Choose ${row.name}`, checked: this.chosen.has(this.key(row)),
      on: { change: event => {
        if (event.target.checked) {
          this.chosen.set(this.key(row), row);
        } else {
          this.chosen.delete(this.key(row));
        }
        this.showTools();
      } },
    }) };
  }

  headings() {
    const cells = this.columns.map(c => headCell(c, this.sort, this.reverse, column => this.sortBy(column)));
    if (this.actions.length) {
      cells[0] = el("td", {}, this.everyone = el("input", { type: "checkbox", "aria-label": "Choose all of this page",
        on: { change: event => this.chooseAll(event.target.checked) } }));
    }
    this.head.replaceChildren(el("tr", {}, cells));
  }

  chooseAll(yes) {
    this.rows.forEach(row => yes ? this.chosen.set(this.key(row), row) : this.chosen.delete(this.key(row)));
    this.fill();
    this.showTools();
  }

  choose(rows) {
    this.chosen = new Map(rows.map(row => [this.key(row), row]));
    this.fill();
    this.showTools();
  }

  showTools() {
    this.tools.hidden = this.chosen.size === 0;
    redraw(this.tools, el("strong", {}, `${numberOf(this.chosen.size)} chosen`),
      ...this.actions.map(a => button(a.text, () => a.act([...this.chosen.values()]), { class: a.danger ? "danger" : "" })),
      button("Choose none", () => this.choose([])));
    this.everyone.checked = this.rows.length > 0 && this.rows.every(row => this.chosen.has(this.key(row)));
  }

  turn(pages) {
    this.page += pages;
    this.again();
  }

  first() {
    this.page = 1;
    this.again();
  }

  /** Asks because of what somebody did here: what went wrong stands above the rows. */
  again() {
    this.load().catch(error => {
      if (error.status === undefined) {
        console.error(error);
      }
    });
  }

  /** Its view is left: it asks for nothing more and writes nothing into the address, which is another view's. */
  close() {
    this.closed = true;
    clearTimeout(this.typing);
  }

  sortBy(column) {
    // Numbers are most telling when the largest come first.
    this.reverse = this.sort === column.path ? !this.reverse : column.numeric;
    this.sort = column.path;
    this.headings();
    [...this.head.querySelectorAll("button")].find(b => b.textContent === column.title)?.focus();
    this.first();
  }

  /** What the server is asked for beside the page, too: for all rows that the filter lets through. */
  filtered() {
    const query = { ...(typeof this.query === "function" ? this.query() : this.query) };
    if (this.filter.value) {
      query.name = this.filter.value;
      query.use_regex = this.regex.checked;
    }
    return query;
  }

  where() {
    return typeof this.path === "function" ? this.path() : this.path;
  }

  async load() {
    if (this.closed) {
      return;
    }
    const query = new URLSearchParams({ ...this.filtered(), page: this.page, page_size: this.size });
    if (this.sort) {
      query.set("sort", this.sort);
      query.set("sort_reverse", this.reverse);
    }
    if (this.keep) {
      remember({ name: this.filter.value, regex: this.regex.checked, sort: this.sort, reverse: this.reverse,
        page: this.page > 1 ? this.page : "", size: this.size === 50 ? "" : this.size });
    }
    const mine = this.question = {};
    try {
      const answer = await ask(`${this.where()}?${query}`);
      if (mine === this.question) {
        this.show(answer);
      }
    } catch (error) {
      if (mine === this.question) {
        await this.failed(error);
      }
    }
  }

  async failed(error) {
    if (this.page > 1 && error.status === 400) {
      // The list got shorter meanwhile.
      this.page = 1;
      return this.load();
    }
    this.problem.textContent = error.message;
    this.problem.hidden = false;
    if (error.status !== 400) {
      throw error;
    }
  }

  refresh() {
    return this.load();
  }

  fill(was = this.rows) {
    const first = this.actions.length ? 1 : 0;
    replaceRows(this.body, was, this.rows, this.rows.length ? this.rows.map(row => line(this.columns, row, first))
      : [el("tr", {}, el("td", { class: "empty", colSpan: this.columns.length },
        this.filter.value ? "None has this in its name." : this.nothing))]);
  }

  show(answer) {
    this.problem.hidden = true;
    const was = this.rows;
    this.rows = answer.items;
    this.fill(was);
    if (this.actions.length) {
      this.showTools();
    }
    const few = answer.page_count <= 1 && answer.page === 1;
    this.previous.hidden = this.next.hidden = few;
    this.sizes.hidden = few && answer.filtered_count <= PAGE_SIZES[0];
    this.previous.disabled = answer.page <= 1;
    this.next.disabled = answer.page >= answer.page_count;
    this.place.textContent = few ? numberOf(answer.filtered_count)
      : `${numberOf(answer.filtered_count)}, page ${numberOf(answer.page)} of ${numberOf(answer.page_count)}`;
  }
}
