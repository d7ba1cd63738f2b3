// The page's data: volumes along the patient's left, posterior and superior, unpacked from JSON.

/// Base64 of zlib data to bytes.
async function inflated(text) {
  const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/// Codes are kept as differences to the one before, modulo 256.
async function codes(text) {
  const b = await inflated(text);
  for (let i = 1; i < b.length; ++i) b[i] += b[i - 1];
  return b;
}

/// Doses are kept as 1023 sqrt(dose / most): differences in zigzag, all low bytes and then all high ones.
async function doses(method, voxels) {
  const b = await inflated(method.dose), out = new Float32Array(voxels);
  for (let i = 0, code = 0; i < voxels; ++i) {
    const z = b[i] + 256 * b[i + voxels];
    code += z & 1 ? -(z + 1) / 2 : z / 2;
    const root = code / 1023;
    out[i] = root * root * method.most;
  }
  return out;
}

/// Relative standard error of a code; NaN where nothing scored.
const relativeError = (code) => (code === 255 ? NaN : 1e-4 * 2 ** (code / 8));

/// Unpacks what `data` holds, in place.
async function unpack(data) {
  const voxels = data.shape[0] * data.shape[1] * data.shape[2];
  data.background.values = await codes(data.background.codes);
  for (const m of data.methods) {
    m.values = await doses(m, voxels);
    if (m.uncertainty) m.error = await codes(m.uncertainty);
    if (m.coupled) m.twice = await codes(m.coupled);
  }
  for (const s of data.structures) s.inside = await codes(s.fraction);
  if (data.activity) data.activity.images = await Promise.all(data.activity.projections.map(codes));
}

/// Place in the patient (LPS, mm) of fractional voxel indices.
const placeOf = (data, p) =>
  [0, 1, 2].map((r) => data.origin[r] + [0, 1, 2].reduce((sum, a) => sum + data.direction[3 * r + a] * p[a] * data.spacing[a], 0));

/// "R 67.5, P 4.5, I 43.5 mm": a coordinate below 0 lies on the other side.
const patientLetters = [["R", "L"], ["A", "P"], ["I", "S"]];
const coordinate = (axis, mm) => `${patientLetters[axis][mm < 0 ? 0 : 1]} ${Math.abs(mm).toFixed(1)}`;
const coordinates = (mm) => mm.map((v, axis) => coordinate(axis, v)).join(", ") + " mm";

/// Three significant digits, never an exponent between 1e-4 and 1e6.
function threeDigits(value) {
  if (!Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}

/// A measure with the interval of all uncertainties, where that is known, else with its statistical error.
function withInterval({ value, error, low, high }) {
  return low === undefined ? withError(value, error) : `${threeDigits(value)} (${threeDigits(low)} to ${threeDigits(high)})`;
}

/// Value and error, the error to two digits and the value to the same place.
function withError(value, error) {
  if (!(error > 0) || !Number.isFinite(value)) return threeDigits(value);
  const place = Math.floor(Math.log10(Number(error.toPrecision(2)))) - 1;
  const shown = (v) => (place >= 0 ? String(Math.round(v / 10 ** place) * 10 ** place) : v.toFixed(Math.min(12, -place)));
  return `${shown(value)} \u00b1 ${shown(error)}`;
}

/// Gaussian of `sigma` [mm] along the three axes, reflected at the faces.
function smoothed(values, shape, spacing, sigma) {
  let from = Float32Array.from(values), to = new Float32Array(values.length);
  const stride = [1, shape[0], shape[0] * shape[1]];
  for (let axis = 0; axis < 3; ++axis) {
    const s = sigma / spacing[axis], reach = Math.min(shape[axis] - 1, Math.ceil(3 * s));
    const weight = Float32Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / s) ** 2));
    const sum = weight.reduce((a, b) => a + b, 0), n = shape[axis], step = stride[axis];
    for (let i = 0; i < weight.length; ++i) weight[i] /= sum;
    for (let i = 0; i < from.length; ++i) {
      const at = Math.floor(i / step) % n, row = i - at * step;
      let v = 0;
      for (let k = -reach; k <= reach; ++k) {
        let j = at + k;
        if (j < 0) j = -j;
        else if (j >= n) j = 2 * n - 2 - j;
        v += weight[k + reach] * from[row + j * step];
      }
      to[i] = v;
    }
    [from, to] = [to, from];
  }
  return from;
}
