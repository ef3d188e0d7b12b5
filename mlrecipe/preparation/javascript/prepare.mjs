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
};

/** How a row's value is read: numbers with NaN for a gap, strings with "". */
const READERS = {
  number: (value) => (value === null || value === undefined ? NaN : Number(value)),
  string: (value) => (value === null || value === undefined ? MISSING : spelled(value)),
  bytes: (value) => value ?? null,
};

function spelled(value) {
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
    this.derived = content.derived ?? [];
    this.selected = content.selected ?? null;
  }

  /** Return {name: {dtype, shape, data}}, the rows one after the other in `data`. */
  prepare(rows) {
    const found = {};
    const derived = rows.map((row) => derivedOf(this.derived, row));
    for (const { name, dtype, shape } of this.tensors) {
      const size = shape.reduce((product, n) => product * n, 1);
      const data = new ARRAYS[dtype](rows.length * size);
      const blocks = this.blocks.filter((block) => block.tensor === name);
      const selected = name === "vector" ? this.selected : null;
      rows.forEach((row, i) => {
        const parts = blocks.map((block) => carriedOut(block, row, derived[i]));
        const whole = parts.length === 1 ? parts[0] : parts.flat();
        data.set(selected === null ? whole : selected.map((at) => whole[at]), i * size);
      });
      found[name] = { dtype, shape: [rows.length, ...shape], data };
    }
    return found;
  }
}

function carriedOut({ columns, reads, operations }, row, derived) {
  let values = columns.map((name) =>
    Object.hasOwn(derived, name) ? derived[name] : READERS[reads](row[name]),
  );
  for (const operation of operations) values = OPERATIONS[operation.op](operation, values);
  return values;
}

// Derived columns. A value is { kind, value }, null where it is missing; the formulas are those of
// mlrecipe/expressions/arithmetic.py and calendar.py, step by step, so that all runtimes agree bit
// by bit: Math.log and Math.exp differ from one engine to the next.

const SMALLEST = 2.2250738585072014e-308;
const SMALLEST_RESULT = 1.1754943508222875e-38;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const LOG_TERMS = Array.from({ length: 13 }, (_, i) => 1 / (2 * (12 - i) + 1));
const EXP_TERMS = Array.from({ length: 15 }, (_, i) => 1 / factorial(14 - i));
const WHOLE_POWERS = 64;

function factorial(n) {
  return n < 2 ? 1 : n * factorial(n - 1);
}

const flushed = (x) => (Math.abs(x) < SMALLEST ? 0 : x);
const polynomial = (terms, x) => terms.reduce((found, term) => found * x + term);
const wrongSign = (rest, y) => rest !== 0 && y < 0 !== rest < 0;

function halvesToEven(x) {
  const whole = Math.floor(x);
  const rest = x - whole;
  if (rest !== 0.5) return rest < 0.5 ? whole : whole + 1;
  return whole % 2 === 0 ? whole : whole + 1;
}

/** Return [m, e] with x = m * 2 ** e and 0.5 <= m < 1, for a normal x > 0. */
function split(x) {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  bits.setUint32(0, ((high & 0x000fffff) | (1022 << 20)) >>> 0);
  return [bits.getFloat64(0), (high >>> 20) - 1022];
}

/** Return 2 ** e exactly, for whole e from -1022 to 1023. */
function twoTo(e) {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setUint32(0, (e + 1023) << 20);
  return bits.getFloat64(0);
}

function log(x) {
  if (!(x > 0)) return NaN;
  let [part, exponent] = split(x);
  if (part < 0.7071067811865476) [part, exponent] = [part * 2, exponent - 1];
  const s = (part - 1) / (part + 1);
  const series = polynomial(LOG_TERMS, s * s) * (s * 2);
  return exponent * LN2_HIGH - (exponent * -LN2_LOW - series);
}

function log1p(x) {
  const whole = x + 1;
  return whole === 1 ? x : log(whole) * (x / (whole - 1));
}

function exp(x) {
  if (x > 710) return Infinity;
  const inside = Math.max(x, -746);
  const exponent = halvesToEven(inside / 0.6931471805599453);
  const rest = inside - exponent * LN2_HIGH - exponent * LN2_LOW;
  const half = Math.floor(exponent / 2);
  return flushed(polynomial(EXP_TERMS, rest) * twoTo(half) * twoTo(exponent - half));
}

function wholePower(x, y) {
  let [left, square, found] = [Math.abs(y), x, 1];
  for (let bit = 1; bit < 2 * WHOLE_POWERS; bit *= 2) {
    const half = Math.floor(left / 2);
    if (left - half * 2 === 1) found = flushed(found * square);
    [left, square] = [half, flushed(square * square)];
  }
  return y < 0 ? 1 / found : found;
}

function power(x, y) {
  const whole = Math.floor(y) === y;
  if (whole && Math.abs(y) < WHOLE_POWERS) return wholePower(x, y);
  if (x === 0) return y < 0 ? Infinity : 0;
  const found = exp(y * log(Math.abs(x)));
  if (x > 0) return found;
  if (!whole) return NaN;
  return y % 2 !== 0 ? -found : found;
}

function floorDivide(x, y) {
  const rest = flushed(x % y);
  let found = (x - rest) / y;
  if (wrongSign(rest, y)) found -= 1;
  const whole = Math.floor(found);
  return found - whole > 0.5 ? whole + 1 : whole;
}

function remainder(x, y) {
  const rest = flushed(x % y);
  return wrongSign(rest, y) ? rest + y : rest;
}

/** Return year, month and day of days since 1970. */
function civil(days) {
  const since = Math.floor(days) + 719468;
  const era = Math.floor(since / 146097);
  const ofEra = since - era * 146097;
  const leaps = Math.floor(ofEra / 1460) - Math.floor(ofEra / 36524);
  const year = Math.floor((ofEra - leaps - Math.floor(ofEra / 146096)) / 365);
  const ofYear = ofEra - (year * 365 + Math.floor(year / 4) - Math.floor(year / 100));
  const shifted = Math.floor((ofYear * 5 + 2) / 153);
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  const day = ofYear - Math.floor((shifted * 153 + 2) / 5) + 1;
  return [year + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

function weekday(days) {
  const since = Math.floor(days) + 3;
  return since - Math.floor(since / 7) * 7;
}

const DATE = new RegExp(
  "^([0-9]{4})-([0-9]{2})-([0-9]{2})" +
    "(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?" +
    "(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?$",
);

/** Return days since 1970; null for a text that is no date. */
function daysOf(text) {
  const match = DATE.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const micros = Number(`${match[7] ?? ""}000000`.slice(0, 6));
  const size = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0);
  const zone = match[8] === "-" ? -size : size;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor(((month > 2 ? month - 3 : month + 9) * 153 + 2) / 5) + (day - 1);
  const leaps = Math.floor(ofEra / 4) - Math.floor(ofEra / 100);
  const days = era * 146097 - 719468 + (ofEra * 365 + leaps + ofYear);
  const back = civil(days);
  const same = back[0] === year && back[1] === month && back[2] === day && year >= 1;
  if (!same || hour >= 24 || minute >= 60 || second >= 60 || size >= 1440) return null;
  const seconds = hour * 3600 + (minute - zone) * 60 + second;
  return days + (seconds * 1e6 + micros) / 86400000000;
}

/** Return whether a text comes before another by code points; `<` goes by UTF-16 units. */
function before(first, second) {
  const [one, other] = [[...first], [...second]];
  const at = one.findIndex((character, i) => character !== other[i]);
  if (at < 0) return one.length < other.length;
  return at < other.length && one[at].codePointAt(0) < other[at].codePointAt(0);
}

/** Return a text with the letters of a table (first, last, step, distance) moved. */
function changed(text, table) {
  return Array.from(text, (character) => {
    const code = character.codePointAt(0);
    const run = table.find(
      ([first, last, step]) => code >= first && code <= last && (code - first) % step === 0,
    );
    return run === undefined ? character : String.fromCodePoint(code + run[3]);
  }).join("");
}

const NUMBERS = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  floor_divide: floorDivide,
  remainder,
  power,
  negative: (x) => -x,
  abs: Math.abs,
  log,
  log1p,
  exp,
  sqrt: Math.sqrt,
  round: halvesToEven,
  floor: Math.floor,
  min: Math.min,
  max: Math.max,
  length: (text) => Array.from(text).length,
};

const OF_DATES = {
  days_between: (first, second) => second - first,
  year: (days) => civil(days)[0],
  month: (days) => civil(days)[1],
  weekday,
};

const LESS = (x, y) => (typeof x === "string" ? before(x, y) : x < y);

const TESTS = {
  equal: (x, y) => x === y,
  not_equal: (x, y) => x !== y,
  less: LESS,
  less_equal: (x, y) => !LESS(y, x),
  greater: (x, y) => LESS(y, x),
  greater_equal: (x, y) => !LESS(x, y),
  in: (x, y) => x === y,
  not_in: (x, y) => x !== y,
  contains: (text, part) => text.includes(part),
  starts_with: (text, part) => text.startsWith(part),
  ends_with: (text, part) => text.endsWith(part),
};

const truth = (value) => ({ kind: "truth", value });
const number = (value) => ({ kind: "number", value: Number.isFinite(value) ? flushed(value) : null });
const asDate = (of) =>
  of.kind === "date" ? of : { kind: "date", value: of.value === null ? null : daysOf(of.value) };
const alike = (values) => (values.some((v) => v.kind === "date") ? values.map(asDate) : values);

/** What a raw or derived value is for an expression, by the kind of its column. */
const AS_KIND = {
  number,
  truth: (value) => truth(Number.isNaN(value) ? null : value !== 0),
  text: (value) => ({ kind: "text", value: value === MISSING ? null : value }),
  date: (value) => ({ kind: "date", value: daysOf(value) }),
};

/** Return the value of a tree; `columns` are those it reads, as `AS_KIND` gives them. */
function evaluated(node, columns, letters) {
  if (node.node === "column") return columns[node.name];
  if (node.node === "literal") {
    if (typeof node.value === "number") return number(node.value);
    return { kind: typeof node.value === "string" ? "text" : "truth", value: node.value };
  }
  return called(node.function, node.arguments.map((item) => evaluated(item, columns, letters)), letters);
}

function called(name, values, letters) {
  if (name === "and") return truth(values.every(({ value }) => value === true));
  if (name === "or") return truth(values.some(({ value }) => value === true));
  if (name === "not") return truth(values[0].value !== true);
  if (name === "is_missing") return truth(values[0].value === null);
  if (name === "coalesce") return values.find(({ value }) => value !== null) ?? values[0];
  if (name === "if") {
    const [yes, no] = alike(values.slice(1));
    return values[0].value === true ? yes : no;
  }
  if (name in TESTS) {
    const [first, ...others] = alike(values);
    const one = (other) =>
      first.value !== null && other.value !== null && TESTS[name](first.value, other.value);
    return truth(name === "not_in" ? others.every(one) : others.some(one));
  }
  const inputs = (name in OF_DATES ? values.map(asDate) : values).map(({ value }) => value);
  const missing = inputs.includes(null);
  if (name === "lower" || name === "upper") {
    return { kind: "text", value: missing ? null : changed(inputs[0], letters[name]) };
  }
  const compute = NUMBERS[name] ?? OF_DATES[name];
  if (compute === undefined) throw new Error(`there is no function "${name}" in JavaScript`);
  return missing ? { kind: "number", value: null } : number(compute(...inputs));
}

/** Return a row's derived columns as numbers with NaN, or strings with "", by name. */
function derivedOf(items, row) {
  const columns = {};
  const found = {};
  for (const { name, expression, inputs, kind, letters } of items) {
    for (const [input, what] of Object.entries(inputs)) {
      if (Object.hasOwn(columns, input)) continue;
      const reads = what === "number" || what === "truth" ? "number" : "string";
      columns[input] = AS_KIND[what](READERS[reads](row[input]));
    }
    columns[name] = evaluated(expression.root, columns, letters);
    found[name] = passedOn(kind, columns[name].value);
  }
  return found;
}

function passedOn(kind, value) {
  if (kind === "text") return value ?? MISSING;
  if (value === null) return NaN;
  return Math.abs(+value) < SMALLEST_RESULT ? 0 : +value;
}
