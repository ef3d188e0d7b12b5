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

/** How a row's value is read: numbers with NaN for a gap, strings with "". */
const READERS = {
  number: (value) => (value === null || value === undefined ? NaN : Number(value)),
  string: (value) => (value === null || value === undefined ? MISSING : spelled(value)),
  bytes: (value) => value ?? null,
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
