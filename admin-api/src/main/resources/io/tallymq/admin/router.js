// The address after # says what is shown: #/queues/%2F/orders?name=x. Names are encoded, so any name is an address.

export const href = (view, ...names) => "#/" + [view, ...names].map(encodeURIComponent).join("/");

export function here() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  try {
    return { names: path.split("/").map(decodeURIComponent), query: new URLSearchParams(query ?? "") };
  } catch {
    return { names: [""], query: new URLSearchParams() };
  }
}

/** Keeps what a list is filtered and sorted by in the address, without another step back. */
export function remember(values) {
  const { query } = here();
  for (const [key, value] of Object.entries(values)) {
    if (value === "" || value === null || value === undefined || value === false) {
      query.delete(key);
    } else {
      query.set(key, value);
    }
  }
  const path = location.hash.split("?")[0] || "#/";
  history.replaceState(null, "", query.size ? `${path}?${query}` : path);
}

export function go(view, ...names) {
  location.hash = href(view, ...names);
}
