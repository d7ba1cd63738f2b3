// Slices as bitmaps and paths, in mm of the page's axes, made once for each place and look.

/// Planes: axes to the right and down the screen, the axis through the page; upwards where `flip` is -1.
const planes = [
  { name: "axial", across: 0, down: 1, through: 2, flip: 1, edges: ["R", "L", "A", "P"] },
  { name: "coronal", across: 0, down: 2, through: 1, flip: -1, edges: ["R", "L", "S", "I"] },
  { name: "sagittal", across: 1, down: 2, through: 0, flip: -1, edges: ["A", "P", "S", "I"] },
];

/// Values of a volume in a plane, row by row.
function sliceOf(values, shape, plane, at) {
  const stride = [1, shape[0], shape[0] * shape[1]], w = shape[plane.across], h = shape[plane.down];
  const out = new (values.constructor)(w * h), start = at * stride[plane.through];
  for (let v = 0, o = 0; v < h; ++v) {
    for (let u = 0, i = start + v * stride[plane.down]; u < w; ++u, i += stride[plane.across]) out[o++] = values[i];
  }
  return out;
}

/// `times` finer, bilinear between voxel centres.
function refined(values, w, h, times) {
  if (times === 1) return values;
  const out = new Float32Array(w * h * times * times), wide = w * times;
  const steps = (n) => Array.from({ length: n * times }, (_, i) => {
    const p = Math.min(n - 1, Math.max(0, (i + 0.5) / times - 0.5)), low = Math.min(Math.max(0, n - 2), Math.floor(p));
    return [low, n > 1 ? p - low : 0];
  });
  const across = steps(w), down = steps(h);
  for (let y = 0; y < h * times; ++y) {
    const [v, fv] = down[y], row = w * v, below = h > 1 ? row + w : row;
    for (let x = 0; x < wide; ++x) {
      const [u, fu] = across[x], right = w > 1 ? 1 : 0;
      const top = values[row + u] * (1 - fu) + values[row + u + right] * fu;
      const bottom = values[below + u] * (1 - fu) + values[below + u + right] * fu;
      out[x + wide * y] = top * (1 - fv) + bottom * fv;
    }
  }
  return out;
}

function bitmap(w, h, word) {
  const canvas = new OffscreenCanvas(w, h), image = new ImageData(w, h), words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; ++i) words[i] = word(i);
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/// What can be laid over the CT. `value` of voxel values to a place on the colours, NaN: nothing is drawn.
function viewsOf(data, reference) {
  const logarithm = (code) => Math.log(relativeError(code));
  return {
    dose: {
      stops: viridis, low: 0, high: data.wash, unit: "Gy", text: threeDigits, smooth: true,
      has: () => true, values: (m) => m.values, shown: (v) => v >= 0.01 * data.wash,
    },
    difference: {
      stops: diverging, low: -data.wash / 4, high: data.wash / 4, unit: "Gy above Monte Carlo", text: threeDigits, smooth: true,
      has: (m) => reference && m !== reference,
      values: (m) => (m.difference ??= m.values.map((v, i) => v - reference.values[i])),
      shown: (v) => Math.abs(v) >= 0.005 * data.wash,
    },
    uncertainty: {
      stops: viridis, low: Math.log(1e-3), high: Math.log(0.3), unit: "relative standard error, logarithmic", smooth: false,
      text: (v) => threeDigits(Number((100 * Math.exp(v)).toPrecision(1))) + " %",
      has: (m) => m.error, values: (m) => (m.logarithm ??= Float32Array.from(m.error, logarithm)), shown: (v) => Number.isFinite(v),
    },
    coupled: {
      stops: viridis, low: 0, high: 255, unit: "histories from here ran twice, in the patient and in the reference medium", smooth: false,
      text: (v) => (v ? "yes" : "no"), has: (m) => m.twice, values: (m) => m.twice, shown: (v) => v > 0,
    },
    activity: {
      stops: greys, low: 0, high: 255, unit: "MBq/mL (square root)", smooth: true, projection: true,
      text: (v) => threeDigits(data.activity.most * (v / 255) ** 2), has: () => data.activity, shown: () => true,
    },
  };
}

/// The dose that lines are drawn of, smoothed until noise moves it by 2 % where dose is high, and its relative noise at each level.
function lineDose(data, method, goal) {
  if (method.lines) return method.lines;
  /// Median relative error of the voxels from `low` to `high`; of a dose without statistical error, a line needs some slope.
  const errorBetween = (low, high) => {
    const errors = [];
    for (let i = 0; method.error && i < method.values.length; i += 7) {
      if (method.values[i] > low && method.values[i] <= high && method.error[i] !== 255) errors.push(relativeError(method.error[i]));
    }
    errors.sort((a, b) => a - b);
    return Math.max(0.005, errors.length ? errors[errors.length >> 1] : 0);
  };
  const voxel = Math.cbrt(data.spacing[0] * data.spacing[1] * data.spacing[2]), typical = errorBetween(goal / 4, Infinity);
  // White noise falls by (4 pi)^(3/4) s^(3/2) under a Gaussian of s voxels.
  const share = (sigma) => (sigma ? Math.min(1, 1 / ((4 * Math.PI) ** 0.75 * (sigma / voxel) ** 1.5)) : 1);
  const sigma = [0, voxel, 1.5 * voxel, 2 * voxel].find((s) => typical * share(s) <= 0.02) ?? 2 * voxel;
  const noise = data.levels.map((level) => Math.max(0.005, share(sigma) * errorBetween(0.8 * level, 1.25 * level)));
  method.lines = { sigma, noise, values: sigma ? smoothed(method.values, data.shape, data.spacing, sigma) : method.values };
  return method.lines;
}
