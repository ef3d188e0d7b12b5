/**
 * Carries out a fitted preparation in a browser or in Node: the same numbers as in training.
 *
 *   import { Preparation } from "./prepare.mjs";
 *   const preparation = new Preparation(await (await fetch("preparation.json")).json());
 *   const tensors = preparation.prepare([{ amount: 12.5, country: "CH" }]);
 *   // { vector: { dtype: "float32", shape: [1, 7], data: Float32Array } }
 *
 * A value that is missing is null, undefined or left out. No dependencies.
 */

const VERSION = 2;

/** How a missing string is written, as in the other executors. */
const MISSING = "";

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** Operation -> function of (state, values of one row), as its namesake in Python does it. */
const OPERATIONS = {
  impute: ({ fill, indicator }, values) => [
    ...values.map((value, i) => (Number.isNaN(value) ? fill[i] : value)),
    ...indicator.map((i) => (Number.isNaN(values[i]) ? 1 : 0)),
  ],

  clip: ({ low, high }, values) => values.map((v, i) => Math.min(Math.max(v, low[i]), high[i])),

  scale: ({ shift, scale }, values) => values.map((value, i) => (value - shift[i]) / scale[i]),

  one_hot: ({ categories }, values) =>
    values.flatMap((value, i) => [
      ...categories[i].map((known) => (value === known ? 1 : 0)),
      value === MISSING || Number.isNaN(value) ? 1 : 0,
    ]),

  ordinal: (state, values) => values.map((value, i) => numbered(state, i, value)),

  target_encode: (state, values) =>
    values.flatMap((value, i) => {
      const number = numbered(state, i, value);
      const means = state.means[i];
      return number === 1 ? means[0].map(() => 0) : means[number === 0 ? 0 : number - 1];
    }),

  hash_one_hot: ({ buckets }, values) =>
    values.flatMap((value) => {
      const missing = value === MISSING || Number.isNaN(value);
      const found = new Array(buckets + 1).fill(0);
      found[missing ? buckets : hashed(value) % buckets] = 1;
      return found;
    }),

  tags: ({ separators, tags }, values) =>
    values.flatMap((value, i) => {
      const parts = value
        .replaceAll(LIST_SEPARATOR, separators[i])
        .split(separators[i])
        .map((part) => part.replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, ""));
      const there = new Set(parts.filter((part) => part !== ""));
      return [...tags[i].map((tag) => (there.has(tag) ? 1 : 0)), there.size ? 0 : 1];
    }),

  location_grid: ({ sizes, cells }, values) =>
    cells.flatMap((known, i) => {
      const [lat, lon] = values.slice(2 * i, 2 * i + 2);
      const place = Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
      const row = Math.floor((lat + 90) / sizes[i]);
      const column = Math.floor(((lon === 180 ? -180 : lon) + 180) / sizes[i]);
      const here = known.map((cell) => (place && cell[0] === row && cell[1] === column ? 1 : 0));
      return [...here, place ? 0 : 1];
    }),

  signal: ({ steps, low, high, shift, scale }, [numbers]) =>
    Array.from({ length: steps }, (_, i) => {
      const value = i < numbers.length ? numbers[i] : NaN;
      return Number.isNaN(value) ? 0 : (Math.min(Math.max(value, low), high) - shift) / scale;
    }),

  parse_dates: ({ orders }, values) => values.map((value, i) => daysOf(value, orders[i])),

  date_parts: ({ parts, fill, low, high, shift, scale, indicator }, values) => [
    ...values.flatMap((value, i) => {
      const here = Number.isNaN(value) ? 0 : 1;
      const days = here ? value : fill[i];
      const calendar = calendarOf(days);
      const limited = Math.min(Math.max(days, low[i]), high[i]);
      return parts[i].flatMap((part) => {
        if (part === "elapsed") return [(limited - shift[i]) / scale[i]];
        if (part === "year") return [(calendarOf(limited).year - 2000) / 100];
        if (part === "weekend") return [calendar.day_of_week * 7 > 4.5 ? here : 0];
        const turn = 2 * Math.PI * calendar[part];
        return [Math.sin(turn) * here, Math.cos(turn) * here];
      });
    }),
    ...indicator.map((i) => (Number.isNaN(values[i]) ? 1 : 0)),
  ],
};

/** Joins the members of a list of tags, as in the other executors. */
const LIST_SEPARATOR = "|";

const numberings = new WeakMap();

/** Return the number of a category: 0 missing, 1 unseen, then the known ones. */
function numbered(state, column, value) {
  if (!numberings.has(state)) {
    const tables = state.categories.map((known) => new Map(known.map((c, i) => [c, i + 2])));
    numberings.set(state, tables);
  }
  if (value === MISSING || Number.isNaN(value)) return 0;
  return numberings.get(state)[column].get(value) ?? 1;
}

const PRIME = 2 ** 31 - 1;
const BASE = 1_000_003;
const POWERS = Array.from({ length: 64 });
POWERS.forEach((_, i) => (POWERS[i] = ((i ? POWERS[i - 1] : 1) * BASE) % PRIME));

/** Return the hash of a string or a number: every product stays below 2^53, so it is exact. */
function hashed(value) {
  const sum = (total, term, i) => total + (((term + 1) * POWERS[i]) % PRIME);
  return limbsOf(value).reduce(sum, 0) % PRIME;
}

function limbsOf(value) {
  if (typeof value === "number") {
    return [...new Uint16Array(new Float64Array([value === 0 ? 0 : value]).buffer)];
  }
  const found = [];
  for (const character of value) {
    if (found.length === POWERS.length) break;
    const point = character.codePointAt(0);
    found.push(point >= 0xd800 && point < 0xe000 ? 0xfffd : point);
  }
  return found;
}

/** The grammar of dates, as mlrecipe/data/dates.py has it. */
const DATE = new RegExp(
  "^(?:[ \\t]*(?:([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})" +
    "|([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2}))" +
    "(?:(?:[Tt]|[ \\t]+)([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,15}))?)?" +
    "(?:[ ]?([AaPp])[Mm])?[ \\t]*(?:[Zz]|([+-])([0-9]{2})(?::?([0-9]{2}))?)?)?[ \\t]*)$",
);

/** Return days since 1970 in UTC; NaN for what is no date that there is. */
function daysOf(text, order) {
  const match = DATE.exec(text);
  if (match === null) return NaN;
  const [, ...parts] = match.map((part) => part ?? "");
  const numbers = parts.map(Number);
  let [year, month, day] = numbers;
  if (parts[0] === "") {
    const [first, second, late] = numbers.slice(3, 6);
    year = parts[5].length === 4 ? late : late + (late >= 69 ? 1900 : 2000);
    [month, day] = order === "month_day" ? [first, second] : [second, first];
  }
  let [hour] = numbers.slice(6);
  const [minute, second, fraction] = numbers.slice(7, 10);
  if (parts[10] !== "") {
    if (hour < 1 || hour > 12) return NaN;
    hour = (hour % 12) + ("Pp".includes(parts[10]) ? 12 : 0);
  }
  const zone = numbers[12] * 60 + numbers[13];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > monthLength(year, month)) return NaN;
  if (hour > 23 || minute > 59 || second > 59 || zone >= 1440 || numbers[13] > 59) return NaN;
  const seconds = hour * 3600 + minute * 60 + second - (parts[11] === "-" ? -zone : zone) * 60;
  const tens = Number(`1e${parts[9].length}`);
  return civilDays(year, month, day) + (seconds + fraction / tens) / 86400;
}

function monthLength(year, month) {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (month === 2) return leap ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days since 1970 of a date of the Gregorian calendar (Hinnant's days_from_civil). */
function civilDays(year, month, day) {
  const { floor } = Math;
  const shifted = year - (month <= 2 ? 1 : 0);
  const era = floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const days = ofEra * 365 + floor(ofEra / 4) - floor(ofEra / 100) + ofYear;
  return era * 146097 + days - 719468;
}

/** Year, and shares of their circles, of days since 1970 (Hinnant's civil_from_days). */
function calendarOf(days) {
  const { floor } = Math;
  const day = floor(days);
  const shifted = day + 719468;
  const era = floor(shifted / 146097);
  const ofEra = shifted - era * 146097;
  const leaps = floor(ofEra / 1460) - floor(ofEra / 36524) + floor(ofEra / 146096);
  const yearOfEra = floor((ofEra - leaps) / 365);
  const ofYear = ofEra - (365 * yearOfEra + floor(yearOfEra / 4) - floor(yearOfEra / 100));
  const march = floor((5 * ofYear + 2) / 153);
  const late = march >= 10 ? 1 : 0;
  const month = march + 3 - 12 * late;
  const year = yearOfEra + era * 400 + late;
  const start = newYear(year);
  const week = day + 3; // 1970-01-01 was a Thursday; Monday is 0
  return {
    year,
    month: (month - 1) / 12,
    day_of_week: (week - 7 * floor(week / 7)) / 7,
    hour: days - day,
    day_of_year: (day - start) / (newYear(year + 1) - start),
  };
}

function newYear(year) {
  const { floor } = Math;
  const before = year - 1;
  return before * 365 + floor(before / 4) - floor(before / 100) + floor(before / 400) - 719162;
}

/** How a row's value is read: numbers with NaN for a gap, strings with "". */
const READERS = {
  number: (value) => (value === null || value === undefined ? NaN : normal(Number(value))),
  string: (value) => (value === null || value === undefined ? MISSING : spelled(value)),
  bytes: (value) => value ?? null,
  numbers: (value) => (value ?? []).map(READERS.number),
};

/** Return 0 for what is nearer to 0 than any normal number: TensorFlow takes it so. */
function normal(number) {
  return Math.abs(number) < 2.2250738585072014e-308 ? 0 : number;
}

function spelled(value) {
  if (Array.isArray(value)) return value.map(READERS.string).filter(Boolean).join(LIST_SEPARATOR);
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? value : String(value);
}

/** Turns raw rows into tensors. */
export class Preparation {
  /** @param {object} content what preparation.json holds */
  constructor(content) {
    if (content.version !== VERSION) {
      throw new Error(`the preparation is of version ${content.version}, expected ${VERSION}`);
    }
    for (const { op } of content.blocks.flatMap((block) => block.operations)) {
      if (!(op in OPERATIONS)) throw new Error(`there is no operation "${op}" in JavaScript`);
    }
    this.blocks = content.blocks;
    this.tensors = content.tensors;
  }

  /** Return {name: {dtype, shape, data}}, the rows one after the other in `data`. */
  prepare(rows) {
    const found = {};
    for (const { name, dtype, shape } of this.tensors) {
      const size = shape.reduce((product, n) => product * n, 1);
      const data = new ARRAYS[dtype](rows.length * size);
      const blocks = this.blocks.filter((block) => block.tensor === name);
      rows.forEach((row, i) => {
        let at = i * size;
        for (const block of blocks) {
          const values = carriedOut(block, row);
          data.set(values, at);
          at += values.length;
        }
      });
      found[name] = { dtype, shape: [rows.length, ...shape], data };
    }
    return found;
  }
}

function carriedOut({ columns, reads, operations }, row) {
  let values = columns.map((name) => READERS[reads](row[name]));
  for (const operation of operations) values = OPERATIONS[operation.op](operation, values);
  return values;
}
