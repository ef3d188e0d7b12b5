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
};

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
