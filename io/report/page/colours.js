// Colours that stay apart for the colour-blind: M. Okabe and K. Ito, "Color Universal Design" (2008), for lines; viridis
// (S. van der Walt and N. Smith, 2015) for doses; blue to brown for differences.

const viridis = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];
const diverging = [[33, 76, 148], [103, 152, 205], [190, 213, 233], [245, 245, 245], [250, 205, 160], [230, 133, 52], [150, 72, 10]];
const greys = [[0, 0, 0], [255, 255, 255]];

/// Isodose lines from low to high, on a dark picture.
const lineColours = ["#56B4E9", "#00C290", "#F0E442", "#FFB000", "#FF7A3D", "#FF5FA2"];

/// A structure's line on a dark picture, and on light paper, and its dashes.
const structureLooks = {
  tumour: [["#FF9F43", "#B34700"], ["#FFD08A", "#8A4B00"], ["#FF7B54", "#D35400"]],
  liver: [["#7CC7FF", "#0065A3"], ["#A9DBFF", "#00436B"]],
  perfused: [["#FF8FC7", "#A8327A"], ["#FFC2E2", "#7A1F57"]],
  lung: [["#D9D9D9", "#5A6470"], ["#F2F2F2", "#3C4650"]],
  other: [["#C6A8FF", "#6A3FB5"], ["#E0D0FF", "#4B2A87"], ["#8FF0D0", "#00785A"]],
};

/// Looks of all structures by name: each role has its hues, the next of a role the next one.
function looksOf(entries) {
  const used = {}, looks = new Map();
  for (const { name, role } of entries) {
    if (looks.has(name)) continue;
    const hues = Object.hasOwn(structureLooks, role) ? structureLooks[role] : structureLooks.other;
    const i = (used[role] = (used[role] ?? -1) + 1);
    looks.set(name, { dark: hues[i % hues.length][0], light: hues[i % hues.length][1] });
  }
  return looks;
}

/// Line style of a method on the histograms.
const methodDashes = { "monte-carlo": "", "voxel-kernel": "8 4", "voxel-kernel-scaled": "2 3", "local-deposition": "10 3 2 3" };
const dashOf = (method) => (Object.hasOwn(methodDashes, method) ? methodDashes[method] : "1 4");

function colour(stops, t) {
  const u = Math.min(1, Math.max(0, t)) * (stops.length - 1), i = Math.min(stops.length - 2, Math.floor(u)), f = u - i;
  return stops[i].map((v, c) => Math.round(v + f * (stops[i + 1][c] - v)));
}

/// 1024 colours as words of RGBA in the machine's (little-endian) order.
function colourTable(stops) {
  return Uint32Array.from({ length: 1024 }, (_, i) => {
    const [r, g, b] = colour(stops, i / 1023);
    return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  });
}
