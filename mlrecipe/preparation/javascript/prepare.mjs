/**
 * Carries out a fitted preparation in a browser or in Node: the same numbers as in training.
 *
 *   import { Preparation } from "./prepare.mjs";
 *   const preparation = new Preparation(await (await fetch("preparation.json")).json());
 *   const tensors = await preparation.prepare([{ amount: 12.5, country: "CH" }]);
 *   // { vector: { dtype: "float32", shape: [1, 7], data: Float32Array } }
 *
 * A value that is missing is null, undefined or left out. An image is {width, height, data} as
 * ImageData has it, or the bytes of its file: a Uint8Array. No dependencies.
 */

const VERSION = 2;

/** How a missing string is written, as in the other executors. */
const MISSING = "";

/** Larger numbers count as this large where they are added up. */
const LARGEST = 1e30;

const ARRAYS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array };

/** Operation -> function of (state, values of one row), as its namesake in Python does it. */
const OPERATIONS = {
  impute: ({ fill, indicator }, values) => [
    ...values.map((value, i) => (Number.isNaN(value) ? fill[i] : value)),
    ...indicator.map((i) => (Number.isNaN(values[i]) ? 1 : 0)),
  ],

  clip: ({ low, high }, values) => values.map((v, i) => Math.min(Math.max(v, low[i]), high[i])),

  scale: ({ shift, scale }, values) => values.map((value, i) => (value - shift[i]) / scale[i]),

  impute_linear: ({ fill, indicator, weights, offset, low, high }, values) => {
    const filled = values.map((value, i) => (Number.isNaN(value) ? fill[i] : limited(value)));
    const predicted = (j) =>
      filled.reduce((sum, value, i) => sum + value * weights[i][j], 0) + offset[j];
    return [
      ...values.map((value, j) =>
        Number.isNaN(value) ? Math.min(Math.max(predicted(j), low[j]), high[j]) : value,
      ),
      ...indicator.map((i) => (Number.isNaN(values[i]) ? 1 : 0)),
    ];
  },

  log: ({ columns }, values) =>
    values.map((x, i) => (columns.includes(i) ? Math.sign(x) * Math.log1p(Math.abs(x)) : x)),

  quantile: ({ points, ranks }, values) =>
    values.map((value, i) => interpolated(value, points[i], ranks[i])),

  piecewise_linear: ({ edges }, values) =>
    values.flatMap((value, i) => {
      const last = edges[i].length - 2;
      return edges[i].slice(0, -1).map((start, k) => {
        const filled = (value - start) / (edges[i][k + 1] - start);
        return Math.min(Math.max(filled, k === 0 ? -LARGEST : 0), k === last ? LARGEST : 1);
      });
    }),

  periodic: ({ columns, frequencies }, values) => {
    const angles = columns.flatMap((i) => frequencies.map((c) => values[i] * (2 * Math.PI * c)));
    return [...values, ...angles.map(Math.sin), ...angles.map(Math.cos)];
  },

  one_hot: ({ categories }, values) =>
    values.flatMap((value, i) => [
      ...categories[i].map((known) => (value === known ? 1 : 0)),
      value === MISSING || Number.isNaN(value) ? 1 : 0,
    ]),

  tokenize: (state, [text]) => tokensOf(text, state),

  token_counts: (state, tokens) => {
    const counts = countsOf(tokens, state);
    return state.binary ? counts.map((count) => Math.min(count, 1)) : counts;
  },

  tf_idf: (state, tokens) => {
    const values = countsOf(tokens, state);
    let squares = 0;
    for (let i = 0; i < values.length; i++) {
      if (values[i] === 0) continue;
      values[i] = (state.sublinear ? 1 + Math.log(values[i]) : values[i]) * state.idf[i];
      squares += values[i] * values[i];
    }
    const length = Math.sqrt(squares);
    return length > 0 ? values.map((value) => value / length) : values;
  },

  token_ids: (state, tokens) => {
    const positions = remembered(state, positionsOf);
    const ids = new Array(state.length).fill(PADDING);
    tokens.slice(0, state.length).forEach((token, i) => {
      const at = positions.get(token);
      ids[i] = at === undefined ? UNKNOWN : at + KNOWN_FROM;
    });
    return ids;
  },

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

  picture: (state, [picture]) => pixelsOf(state, picture),
};

/** What is derived from the state of an operation, made when it is first asked for. */
const DERIVED = new WeakMap();

function remembered(state, make) {
  if (!DERIVED.has(state)) DERIVED.set(state, make(state));
  return DERIVED.get(state);
}

/** Classes of a code point, and numbers of tokens, as in Python. */
const [PART, OWN, DROPPED] = [1, 2, 3];
const [PADDING, UNKNOWN, KNOWN_FROM] = [0, 1, 2];

function tokensOf(text, state) {
  const pieces = remembered(state, piecesOf);
  let normalized = "";
  let left = state.most_characters;
  for (const character of text) {
    if (left-- === 0) break;
    normalized += pieces.of(character);
  }
  const words = normalized.split(" ").filter((word) => word !== "");
  const byWords = state.by === "words";
  return nGrams(byWords ? words : [...words.join(" ")], state, byWords ? " " : "");
}

function nGrams(units, { shortest, longest }, joinedBy) {
  const found = [];
  for (let n = shortest; n <= longest; n++) {
    for (let i = 0; i + n <= units.length; i++) {
      found.push(n === 1 ? units[i] : units.slice(i, i + n).join(joinedBy));
    }
  }
  return found;
}

/** Character -> what stands for it in a text that blanks then split; filled as it is asked. */
function piecesOf({ characters, by }) {
  const known = new Map();
  const classes = rangesOf(characters.classes);
  const moves = movesOf(characters.mapping);
  const make = (code) => {
    const kind = classOf(code, classes);
    if (kind === DROPPED) return "";
    if (kind !== PART && kind !== OWN) return " ";
    const piece = String.fromCodePoint(code + (moves.get(code) ?? 0));
    return kind === OWN && by === "words" ? ` ${piece} ` : piece;
  };
  const of = (character) => {
    let piece = known.get(character);
    if (piece === undefined) known.set(character, (piece = make(character.codePointAt(0))));
    return piece;
  };
  return { of };
}

const numbersOf = (text) => (text === "" ? [] : text.split(" ").map((n) => parseInt(n, 36)));

/** Ranges of code points that do not separate, in order: [first, behind the last, class]. */
function rangesOf(classes) {
  const numbers = numbersOf(classes);
  const ranges = [];
  for (let i = 0, at = 0; i < numbers.length; i += 3) {
    const start = at + numbers[i];
    at = start + numbers[i + 1];
    ranges.push([start, at, numbers[i + 2]]);
  }
  return ranges;
}

function classOf(code, ranges) {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle][1] <= code) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && ranges[low][0] <= code ? ranges[low][2] : 0;
}

/** Code point -> what is added to it. */
function movesOf(mapping) {
  const numbers = numbersOf(mapping);
  const moves = new Map();
  for (let i = 0, start = 0; i < numbers.length; i += 4) {
    start += numbers[i];
    const [count, step, added] = numbers.slice(i + 1, i + 4);
    for (let k = 0; k < count; k++) moves.set(start + k * step, added);
  }
  return moves;
}

const positionsOf = ({ vocabulary }) => new Map(vocabulary.map((token, i) => [token, i]));

function countsOf(tokens, state) {
  const positions = remembered(state, positionsOf);
  const counts = new Float64Array(state.vocabulary.length);
  for (const token of tokens) {
    const at = positions.get(token);
    if (at !== undefined) counts[at] += 1;
  }
  return counts;
}

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

function limited(value) {
  return Math.min(Math.max(value, -LARGEST), LARGEST);
}

/** Linear between increasing points; constant beyond their ends. */
function interpolated(value, points, ranks) {
  const last = points.length - 1;
  if (value <= points[0]) return ranks[0];
  if (value >= points[last]) return ranks[last];
  let right = 1;
  while (points[right] <= value) right += 1;
  const [low, high] = [points[right - 1], points[right]];
  return ranks[right - 1] + (ranks[right] - ranks[right - 1]) * ((value - low) / (high - low));
}

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
    this.derived = content.derived ?? [];
    this.selected = content.selected ?? null;
  }

  /** Resolve to {name: {dtype, shape, data}}, the rows one after the other in `data`. */
  async prepare(rows) {
    const found = {};
    if (this.blocks.some(({ reads }) => reads === "bytes")) rows = await decoded(this.blocks, rows);
    const derived = rows.map((row) => derivedOf(this.derived, row));
    for (const { name, dtype, shape } of this.tensors) {
      const size = shape.reduce((product, n) => product * n, 1);
      const data = new ARRAYS[dtype](rows.length * size);
      const blocks = this.blocks.filter((block) => block.tensor === name);
      const selected = name === "vector" ? this.selected : null;
      rows.forEach((row, i) => {
        const parts = blocks.map((block) => carriedOut(block, row, derived[i]));
        if (selected !== null) {
          const whole = parts.flatMap((part) => [...part]);
          data.set(selected.map((at) => whole[at]), i * size);
          return;
        }
        let at = i * size;
        for (const part of parts) {
          data.set(part, at);
          at += part.length;
        }
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

/* Images. The same whole-number arithmetic, and the same sums in the same order, as in Python. */

const SEARCHED_BYTES = 65536;
const ORIENTATION_TAG = 0x0112;

/** Return the rows with {width, height, data} in the place of the bytes of files. */
function decoded(blocks, rows) {
  const names = blocks.filter(({ reads }) => reads === "bytes").flatMap(({ columns }) => columns);
  return Promise.all(
    rows.map(async (row) => {
      const pictures = names.map(async (name) => [name, await pictureOf(row[name], name)]);
      return { ...row, ...Object.fromEntries(await Promise.all(pictures)) };
    }),
  );
}

async function pictureOf(value, name) {
  if (value === null || value === undefined || value.length === 0) return null;
  if (value.width && value.data) return value;
  if (!(value instanceof Uint8Array)) {
    throw new Error(`${name}: hand in ImageData, or the bytes of a file as a Uint8Array`);
  }
  if (value[0] === 0x89 && value[1] === 0x50) return decodedPng(value);
  if (typeof createImageBitmap === "undefined" || typeof OffscreenCanvas === "undefined") {
    throw new Error(`${name}: here only PNG files are decoded; hand in {width, height, data} (RGBA)`);
  }
  const { turn, at } = orientation(value);
  const plain = Uint8Array.from(value);
  if (at !== null) plain.fill(0, at, at + 2); // browsers turn by themselves, each by its own rules
  const bitmap = await createImageBitmap(new Blob([plain]), { colorSpaceConversion: "none" });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  canvas.fillStyle = "black"; // behind what is transparent in a GIF, as everywhere
  canvas.fillRect(0, 0, bitmap.width, bitmap.height);
  canvas.drawImage(bitmap, 0, 0);
  const { width, height, data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  return turned({ width, height, data }, turn);
}

/** Return how a JPEG file wants to be turned, 1 to 8 (EXIF tag 0x0112), and where it says so. */
function orientation(bytes) {
  const upright = { turn: 1, at: null };
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return upright;
  const head = bytes.subarray(0, SEARCHED_BYTES);
  const marker = [0xff, 0xe1, null, null, 0x45, 0x78, 0x69, 0x66, 0, 0]; // APP1 … Exif
  const found = head.findIndex((_, at) =>
    marker.every((byte, i) => byte === null || head[at + i] === byte));
  if (found < 0) return upright;
  const tiff = head.subarray(found + marker.length);
  const little = tiff[0] === 0x49 && tiff[1] === 0x49;
  const number = (at, size = 2) => {
    let sum = 0;
    for (let i = 0; i < size; i++) sum = sum * 256 + (tiff[at + (little ? size - 1 - i : i)] ?? 0);
    return sum;
  };
  const start = number(4, 4);
  const end = start + 2 + 12 * number(start);
  for (let entry = start + 2; entry < end && entry + 12 <= tiff.length; entry += 12) {
    if (number(entry) === ORIENTATION_TAG) {
      const turn = number(entry + 8);
      const at = found + marker.length + entry + 8;
      return { turn: turn >= 1 && turn <= 8 ? turn : 1, at };
    }
  }
  return upright;
}

function turned(picture, turn) {
  if (turn === 1) return picture;
  const swapped = turn >= 5;
  const [width, height] = swapped
    ? [picture.height, picture.width] : [picture.width, picture.height];
  const upsideDown = [3, 4, 7, 8].includes(turn);
  const mirrored = [2, 3, 6, 7].includes(turn);
  const from = new Uint32Array(Uint8Array.from(picture.data).buffer);
  const data = new Uint32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = upsideDown ? height - 1 - y : y;
    for (let x = 0; x < width; x++) {
      const column = mirrored ? width - 1 - x : x;
      data[y * width + x] = from[swapped ? column * height + row : row * width + column];
    }
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

/** Return a picture's pixels in the size, channels and proportions that training saw. */
function pixelsOf({ height, width, channels, fit, background }, picture) {
  if (picture === null) return new Uint8Array(height * width * channels).fill(background);
  const whole = onBackground(picture, channels, background);
  if (picture.width === width && picture.height === height) return whole.data;
  if (fit === "crop") return resampled(middle(whole, height, width), height, width).data;
  if (fit === "stretch") return resampled(whole, height, width).data;
  const part = resampled(whole, ...within(whole, height, width));
  const framed = new Uint8Array(height * width * channels).fill(background);
  const top = Math.floor((height - part.height) / 2);
  const left = Math.floor((width - part.width) / 2);
  for (let y = 0; y < part.height; y++) {
    const row = part.data.subarray(y * part.width * channels, (y + 1) * part.width * channels);
    framed.set(row, ((top + y) * width + left) * channels);
  }
  return framed;
}

function onBackground({ width, height, data }, channels, background) {
  const found = new Uint8Array(width * height * channels);
  for (let i = 0, at = 0; i < data.length; i += 4) {
    const opacity = data[i + 3];
    const over = (level) =>
      opacity === 255 ? level
        : Math.floor((level * opacity + background * (255 - opacity) + 127) / 255);
    const [red, green, blue] = [over(data[i]), over(data[i + 1]), over(data[i + 2])];
    if (channels === 1) {
      found[at++] = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
    } else {
      found[at++] = red;
      found[at++] = green;
      found[at++] = blue;
    }
  }
  return { width, height, channels, data: found };
}

/** Return the middle of a picture in the proportions of a size. */
function middle({ width, height, channels, data }, rows, columns) {
  const share = (side, one, other) =>
    Math.max(1, Math.floor((2 * side * one + other) / (2 * other)));
  const kept = Math.min(height, share(width, rows, columns));
  const across = Math.min(width, share(height, columns, rows));
  const top = Math.floor((height - kept) / 2);
  const left = Math.floor((width - across) / 2);
  const found = new Uint8Array(kept * across * channels);
  for (let y = 0; y < kept; y++) {
    const start = ((top + y) * width + left) * channels;
    found.set(data.subarray(start, start + across * channels), y * across * channels);
  }
  return { width: across, height: kept, channels, data: found };
}

/** Return the largest [height, width] within a size that keeps a picture's proportions. */
function within({ width, height }, rows, columns) {
  const share = (side, one, other) =>
    Math.max(1, Math.floor((2 * side * one + other) / (2 * other)));
  return [
    Math.min(rows, share(height, columns, width)),
    Math.min(columns, share(width, rows, height)),
  ];
}

function resampled(picture, rows, columns) {
  const { width, height, channels, data } = picture;
  if (height === rows && width === columns) return picture;
  const down = along(data, height, rows, width * channels);
  const found = new Uint8Array(rows * columns * channels);
  for (let y = 0; y < rows; y++) {
    const row = down.subarray(y * width * channels, (y + 1) * width * channels);
    const across = along(row, width, columns, channels);
    for (let i = 0; i < across.length; i++) {
      found[y * columns * channels + i] = Math.floor(across[i] + 0.5);
    }
  }
  return { width: columns, height: rows, channels, data: found };
}

/** Return (size, stride) of (count, stride): the mean below a triangle around each new position. */
function along(values, count, size, stride) {
  const scale = count / size;
  const reach = Math.max(scale, 1);
  const taps = 2 * Math.ceil(reach) + 1;
  const found = new Float64Array(size * stride);
  for (let i = 0; i < size; i++) {
    const centre = (i + 0.5) * scale;
    const first = Math.floor(centre - reach);
    let total = 0;
    for (let tap = 0; tap < taps; tap++) {
      const position = first + tap;
      if (position < 0 || position >= count) continue;
      const weight = Math.max(0, 1 - Math.abs((position + 0.5 - centre) / reach));
      total += weight;
      for (let j = 0; j < stride; j++) {
        found[i * stride + j] += weight * values[position * stride + j];
      }
    }
    for (let j = 0; j < stride; j++) found[i * stride + j] /= total;
  }
  return found;
}

/** Decode a PNG file of any colour type and depth to {width, height, data}, RGBA of 8 bits. */
async function decodedPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts = [];
  let palette, clear;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (type === "PLTE") palette = content;
    if (type === "tRNS") clear = content;
    if (type === "IDAT") parts.push(content);
    if (type === "IEND") break;
    at += length + 12;
  }
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth, colours, interlaced] = [bytes[24], bytes[25], bytes[28]];
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream("deflate"));
  const raw = new Uint8Array(await new Response(stream).arrayBuffer());
  const paint = painter(depth, colours, palette, clear);
  const data = new Uint8Array(width * height * 4);
  let start = 0;
  for (const [left, top, right, down] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
    const columns = Math.ceil((width - left) / right);
    const rows = Math.ceil((height - top) / down);
    if (columns <= 0 || rows <= 0) continue;
    const bits = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }[colours] * depth;
    const stride = Math.ceil((columns * bits) / 8);
    const lines = unfiltered(raw, start, rows, stride, Math.max(1, bits >> 3));
    start += rows * (stride + 1);
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        paint(lines, y * stride, x, data, ((top + y * down) * width + left + x * right) * 4);
      }
    }
  }
  return { width, height, data };
}

/** First column and row, and distance of columns and rows, of the passes of interlaced files. */
const ADAM7 = [
  [0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2],
];

/** Undo the filters of PNG 1.2, section 6: each byte was stored less what was predicted for it. */
function unfiltered(raw, start, rows, stride, pixel) {
  const found = new Uint8Array(rows * stride);
  for (let y = 0; y < rows; y++) {
    const filter = raw[start + y * (stride + 1)];
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x;
      const left = x >= pixel ? found[at - pixel] : 0;
      const above = y ? found[at - stride] : 0;
      const corner = y && x >= pixel ? found[at - stride - pixel] : 0;
      const guess = [0, left, above, (left + above) >> 1][filter] ?? paeth(left, above, corner);
      found[at] = raw[start + y * (stride + 1) + 1 + x] + guess;
    }
  }
  return found;
}

function paeth(left, above, corner) {
  const guess = left + above - corner;
  const [a, b, c] = [left, above, corner].map((near) => Math.abs(guess - near));
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** Return the function that writes pixel x of a line as RGBA at a place in the picture. */
function painter(depth, colours, palette, clear) {
  const step = depth === 16 ? 2 : 1; // of 16 bits a level the upper eight count
  const spread = depth < 8 && colours === 0 ? 255 / (2 ** depth - 1) : 1;
  const level = (lines, line, i) =>
    depth >= 8
      ? lines[line + i * step]
      : (lines[line + ((i * depth) >> 3)] >> (8 - depth - ((i * depth) & 7))) & (2 ** depth - 1);
  const key = clear && depth === 8 && (colours === 0 || colours === 2)
    ? Array.from({ length: clear.length / 2 }, (_, i) => clear[2 * i + 1]) : null;
  const put = (data, at, red, green, blue, opacity) => {
    data[at] = red;
    data[at + 1] = green;
    data[at + 2] = blue;
    data[at + 3] = opacity;
  };
  if (colours === 3) {
    return (lines, line, x, data, at) => {
      const i = level(lines, line, x);
      put(data, at, ...palette.subarray(3 * i, 3 * i + 3), clear?.[i] ?? 255);
    };
  }
  const count = { 0: 1, 2: 3, 4: 2, 6: 4 }[colours];
  return (lines, line, x, data, at) => {
    const levels = Array.from({ length: count }, (_, i) => level(lines, line, x * count + i));
    const [red, green, blue] = count < 3
      ? [levels[0] * spread, levels[0] * spread, levels[0] * spread] : levels;
    const gone = key !== null && key.every((value, i) => value === levels[i]);
    put(data, at, red, green, blue, count % 2 ? (gone ? 0 : 255) : levels[count - 1]);
  };
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

const ISO_DATE = new RegExp(
  "^([0-9]{4})-([0-9]{2})-([0-9]{2})" +
    "(?:[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\\.([0-9]{1,9}))?)?" +
    "(?:Z|([+-])([0-9]{2}):?([0-9]{2}))?)?$",
);

/** Return days since 1970; null for a text that is no date. */
function isoDays(text) {
  const match = ISO_DATE.exec(text);
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
  of.kind === "date" ? of : { kind: "date", value: of.value === null ? null : isoDays(of.value) };
const alike = (values) => (values.some((v) => v.kind === "date") ? values.map(asDate) : values);

/** What a raw or derived value is for an expression, by the kind of its column. */
const AS_KIND = {
  number,
  truth: (value) => truth(Number.isNaN(value) ? null : value !== 0),
  text: (value) => ({ kind: "text", value: value === MISSING ? null : value }),
  date: (value) => ({ kind: "date", value: isoDays(value) }),
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
