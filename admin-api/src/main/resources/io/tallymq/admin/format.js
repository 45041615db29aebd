// How numbers, sizes and times are written.

export const UNKNOWN = "\u2013";
const count = new Intl.NumberFormat("en");
const decimal = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const isUnknown = value => value === undefined || value === null;

export const numberOf = value => isUnknown(value) ? UNKNOWN : count.format(value);
export const rateOf = value => isUnknown(value) ? UNKNOWN : decimal.format(value) + "/s";

export function bytesOf(value) {
  if (isUnknown(value)) {
    return UNKNOWN;
  }
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (Math.abs(value) >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return decimal.format(value) + " " + units[unit];
}

export const bytesRateOf = value => isUnknown(value) ? UNKNOWN : bytesOf(value) + "/s";
export const yesNo = value => isUnknown(value) ? UNKNOWN : value ? "yes" : "no";

export function spanOf(milliseconds) {
  if (isUnknown(milliseconds)) {
    return UNKNOWN;
  }
  if (milliseconds < 60000) {
    return decimal.format(milliseconds / 1000) + " s";
  }
  const minutes = Math.floor(milliseconds / 60000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor(minutes / 60) % 24;
  return (days ? days + " d " : "") + (days || hours ? hours + " h " : "") + minutes % 60 + " min";
}

/** A moment: milliseconds since the epoch, or an ISO text. */
export const timeOf = moment => isUnknown(moment) ? UNKNOWN : new Date(moment).toLocaleString();

/** The value at a dotted path, or undefined. */
export const at = (row, path) => path.split(".").reduce((value, field) => value?.[field], row);

export const plural = (n, one, many = one + "s") => `${count.format(n)} ${n === 1 ? one : many}`;

/** What is said below rows that are not all; nothing when they are. */
export const firstOf = (shown, all) => all > shown ? `The first ${numberOf(shown)} of ${numberOf(all)}.` : "";
