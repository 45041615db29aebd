// Forms of fields that are described: label, kind, value. What the API refuses is shown in the form, which stays open.

import { el, button } from "./dom.js";
import { open } from "./dialog.js";

let number = 0;

function control(field, id) {
  const common = { id, name: field.name, required: field.required, "aria-describedby": field.hint && id + "-hint" };
  switch (field.kind) {
    case "select":
      return el("select", common, field.options.map(o => {
        const [value, text] = Array.isArray(o) ? o : [o, o];
        return el("option", { value, selected: value === field.value }, text);
      }));
    case "check":
      return el("input", { ...common, type: "checkbox", checked: field.value });
    case "text area":
    case "json":
      return el("textarea", { ...common, rows: field.rows ?? 3, spellcheck: false, value: field.value ?? "" });
    default:
      return el("input", {
        ...common, type: field.kind ?? "text", value: field.value ?? "", min: field.min, max: field.max,
        autocomplete: field.autocomplete ?? "off", spellcheck: false, placeholder: field.placeholder ?? "",
      });
  }
}

function valueOf(field, input) {
  switch (field.kind) {
    case "check":
      return input.checked;
    case "number":
      return input.value === "" ? undefined : Number(input.value);
    case "json": {
      const text = input.value.trim();
      if (text === "") {
        return {};
      }
      try {
        return JSON.parse(text);
      } catch (error) {
        throw new Error(`${field.label}: this is not JSON (${error.message})`);
      }
    }
    default:
      return input.value;
  }
}

/**
 * A form.
 *
 * @param fields of name, label, kind (text, password, number, search, select, check, text area, json), value, hint, required
 * @param submit gets the values; what it throws is shown
 */
export function form(fields, submit, { yes = "Save", cancel, className = "" } = {}) {
  const inputs = new Map();
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const go = el("button", { type: "submit", class: "primary" }, yes);
  const rows = fields.filter(Boolean).map(field => {
    const id = "field-" + ++number;
    const input = control(field, id);
    inputs.set(field, input);
    const label = el("label", { htmlFor: id }, field.label);
    const hint = field.hint && el("span", { class: "hint", id: id + "-hint" }, field.hint);
    const wide = field.kind === "text area" ? " wide" : "";
    return el("div", { class: field.kind === "check" ? "field check" : "field" + wide },
      field.kind === "check" ? [input, label] : [label, input], hint);
  });
  const made = el("form", { class: "form " + className, noValidate: false, on: { submit: async event => {
    event.preventDefault();
    problem.hidden = true;
    go.disabled = true;
    try {
      const values = {};
      inputs.forEach((input, field) => { values[field.name] = valueOf(field, input); });
      await submit(values);
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      go.disabled = false;
    }
  } } }, rows, problem, el("div", { class: "buttons" }, cancel && button("Cancel", cancel), go));
  made.field = name => [...inputs].find(([field]) => field.name === name)[1];
  return made;
}

/** A form in a dialog, which closes when {@code submit} is done; resolves with true then. */
export function formDialog(title, fields, submit, yes = "Save", above = null) {
  return open(title, close => [above, form(fields, async values => {
    await submit(values);
    close(true);
  }, { yes, cancel: () => close(false) })].filter(Boolean));
}

/** Fields without those that are empty. */
export const given = values =>
  Object.fromEntries(Object.entries(values).filter(([, v]) => v !== "" && v !== undefined && v !== null));
