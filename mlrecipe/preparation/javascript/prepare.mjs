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

  picture: (state, [picture]) => pixelsOf(state, picture),
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
  }

  /** Resolve to {name: {dtype, shape, data}}, the rows one after the other in `data`. */
  async prepare(rows) {
    const found = {};
    if (this.blocks.some(({ reads }) => reads === "bytes")) rows = await decoded(this.blocks, rows);
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
