// Elements of data: text only ever becomes text, never markup.

function fill(node, props, kids) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name === "on") {
      Object.entries(value).forEach(([event, listener]) => node.addEventListener(event, listener));
    } else if (name === "class") {
      node.setAttribute("class", value);
    } else if (name in node && !name.startsWith("aria") && !(node instanceof SVGElement)) {
      node[name] = value;
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...kids.flat().filter(kid => kid !== null && kid !== undefined && kid !== false));
  return node;
}

/** An element: el("a", { href: "#/queues", class: "x", on: { click } }, "text", anotherElement). */
export const el = (tag, props, ...kids) => fill(document.createElement(tag), props, kids);

export const svg = (tag, props, ...kids) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, kids);

/** What would change how the text around it reads, or what can't be seen: by its number. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

export const visible = text =>
  String(text).replace(UNSEEN, c => "\u27e8U+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "\u27e9");

/** A name somebody gave: of any script, in its own direction, whatever is in it. */
export function name(text, nothing = "(no name)") {
  return text === "" || text === undefined || text === null
    ? el("span", { class: "quiet" }, nothing)
    : el("bdi", { class: "name" }, visible(text));
}

export const link = (href, ...kids) => el("a", { href }, ...kids);

/** A button; when what it does fails and nobody else says so, it is said. */
export const button = (text, click, props = {}) => el("button", { type: "button", on: { click: async event => {
  try {
    await click(event);
  } catch (error) {
    if (error.status === undefined) {
      throw error;
    }
    if (error.status !== 401) {
      say(error.message, true);
    }
  }
} }, ...props }, text);

/** What the keyboard reaches within an element. */
export const reached = place => [...place.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]")];

const called = node => `${node.localName} ${node.getAttribute("aria-label") ?? node.getAttribute("href") ?? node.textContent}`;
const sameAs = (node, place) => reached(place).filter(n => called(n) === called(node));

/** Gives an element new contents. Who is in the middle of the old ones by keyboard goes on at what is called the same, or else begins around it. */
export function redraw(place, ...kids) {
  const was = document.activeElement;
  const within = was !== place && place.contains(was);
  const nth = within ? sameAs(was, place).indexOf(was) : 0;
  place.replaceChildren(...kids);
  if (within) {
    (sameAs(was, place)[nth] ?? place.closest("[tabindex]"))?.focus({ preventScroll: true });
  }
}

/** A section with a heading and what belongs beside it. */
export function section(title, beside, ...kids) {
  return el("section", {}, el("div", { class: "bar" }, el("h2", {}, title), beside), ...kids);
}

/** Pairs of a word and what it is: [["Type", "quorum"], ...]; those without a value are left out. */
export function facts(pairs, className = "facts") {
  return el("dl", { class: className }, pairs.filter(([, value]) => value !== undefined && value !== null)
    .map(([title, value]) =>
      el("div", { class: value instanceof Element && value.childElementCount > 2 ? "wide" : "" }, el("dt", {}, title), el("dd", {}, value))));
}

/** Arguments, headers, definitions: each on a line, null for none. */
export function table(object) {
  const entries = Object.entries(object ?? {});
  return entries.length === 0 ? null : el("ul", { class: "args" }, entries.map(([key, value]) =>
    el("li", {}, name(key), ": ", el("bdi", {}, visible(typeof value === "string" ? value : JSON.stringify(value))))));
}

/** Shows what happened for those who look and for those who listen. */
export function say(text, bad = false) {
  const toast = document.getElementById("toast");
  toast.textContent = text;
  toast.className = "toast " + (bad ? "bad" : "good");
  toast.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => { toast.hidden = true; }, bad ? 15000 : 5000);
}
