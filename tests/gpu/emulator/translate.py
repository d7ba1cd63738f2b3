"""A kernel's PTX as C++: a function a basic block, which runs the block for those lanes of a warp that are at it."""
import re
import sys

import ptx

STORAGE = {"p": "bool", "rs": "std::uint16_t", "r": "std::uint32_t", "rd": "std::uint64_t", "f": "std::uint32_t",
           "fd": "std::uint64_t"}
SPECIAL = {"%tid.x": "w.thread", "%ntid.x": "w.threads", "%ctaid.x": "w.block", "%nctaid.x": "w.blocks",
           "%laneid": "(w.thread & 31u)"}
COMPARE = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "lo": "<", "ls": "<=", "hi": ">",
           "hs": ">="}
BINARY = {"add": "{} + {}", "sub": "{} - {}", "mul": "{} * {}", "div": "{} / {}", "rem": "{} % {}", "and": "{} & {}",
          "or": "{} | {}", "xor": "{} ^ {}", "min": "least({}, {})", "max": "greatest({}, {})"}

# What ptxas makes of an instruction, in SASS instructions: moves, conversions between words and their pairs, and
# parameters mostly vanish into operands; divisions and roots are sequences. With these a kernel's static sum is within 2 %
# of the SASS instructions that `cuobjdump -sass` lists (CUDA 13.0).
COST = (
    (r"(mov|cvta)\b", 0.25), (r"cvt\.(u32\.u64|u64\.u32)", 0.1), (r"shr\.u64", 0.1), (r"ld\.param", 0.35),
    (r"div\.rn", 13), (r"rcp\.rn", 9), (r"sqrt\.rn", 11), (r"(div|rem)\.u32", 16), (r"mul\.lo\.[su]64", 2.5),
    (r"mul\.hi\.u64", 6), (r"add\.[su]64", 1.7), (r"(sub|xor|and|or|shl)\.[bsu]64", 2), (r"atom\.", 4),
    (r"bra\.uni", 0.7), (r"bra\b", 1.6),  # with its share of BSSY and BSYNC
)


def cost(op):
    return next((c for pattern, c in COST if re.match(pattern, op)), 1.0)


def c_type(kind):
    if kind == "pred":
        return "bool"
    if kind in ("f32", "f64"):
        return {"f32": "float", "f64": "double"}[kind]
    return f"std::{'int' if kind[0] == 's' else 'uint'}{kind[1:]}_t"


def unsigned(kind):
    return kind if kind[0] == "f" or kind == "pred" else "u" + kind[1:]


class Translator:
    def __init__(self, kernel):
        self.kernel = kernel
        self.place = {}  # block number, or latch: its place in the order
        for place, node in enumerate(kernel.order):
            self.place[node] = place
        self.place[len(kernel.blocks)] = len(kernel.order)

    # operands

    def read(self, x, kind):
        """The operand as a value of the C++ type of `kind`."""
        negated = x.startswith("!")
        x = x.lstrip("!")
        register = re.match(r"^%(p|rs|rd|r|fd|f)(\d+)$", x)
        if register:
            value = f"as<{c_type(kind)}>(w.{register[1]}[{register[2]}])"
        elif x in SPECIAL:
            value = f"as<{c_type(kind)}>({SPECIAL[x]})"
        elif re.match(r"^0[fd][0-9A-Fa-f]+$", x):
            value = f"as<{c_type(kind)}>(std::uint{32 if x[1] == 'f' else 64}_t{{0x{x[2:]}u}})"
        elif re.match(r"^-?\d+U?$|^0x[0-9a-fA-F]+$", x):
            value = f"static_cast<{c_type(kind)}>({x.rstrip('U')}ll)"
        elif x in self.kernel.params:
            value = "w.param"
        elif x in self.kernel.shared:
            value = f"static_cast<{c_type(kind)}>({self.kernel.shared[x]})"
        else:
            sys.exit(f"operand {x}")
        return f"!{value}" if negated else value

    def write(self, x, kind, value):
        register = re.match(r"^%(p|rs|rd|r|fd|f)(\d+)$", x)
        if x == "_":
            return ""
        return f"put(w.{register[1]}[{register[2]}], static_cast<{c_type(kind)}>({value}));"

    def address(self, x, space):
        base, _, offset = x[1:-1].partition("+")
        where = f"{self.read(base, 'u64' if space != 'shared' or base.startswith('%rd') else 'u32')} + ({offset or 0})"
        return f"in_shared(w, static_cast<std::uint32_t>({where}))" if space == "shared" else f"in_global({where})"

    # instructions

    def memory(self, op, args):
        kind, parts = op.split(".")[-1], op.split(".")
        space = next(p for p in parts if p in ("param", "global", "shared"))
        size = int(kind[1:]) // 8
        store = parts[0] == "st"
        where, values = (args[0], args[1]) if store else (args[1], args[0])
        values = [v.strip() for v in values.strip("{}").split(",")]
        out = [f"{{ char* const p = {self.address(where, space)};"]
        for i, value in enumerate(values):
            out.append(f"store(p + {i * size}, {self.read(value, kind)});" if store else
                       self.write(value, kind, f"load<{c_type(kind)}>(p + {i * size})"))
        return " ".join(out) + " }"

    def atomic(self, op, args):
        kind, action = op.split(".")[-1], op.split(".")[-2]
        returns = op.startswith("atom")
        where, value = (args[1], args[2]) if returns else (args[0], args[1])
        space = "shared" if ".shared." in op else "global"
        old = f"atomic<{c_type(unsigned(kind))}>({self.address(where, space)}, {self.read(value, unsigned(kind))}, " \
              f"[](auto a, auto b) {{ return {BINARY[action].format('a', 'b')}; }})"
        return self.write(args[0], unsigned(kind), old) if returns else f"{old};"

    def convert(self, op, args):
        parts = op.split(".")
        to, source = parts[-2], parts[-1]
        value = self.read(args[1], source)
        if source[0] == "f" and to[0] != "f":
            value = f"truncated<{c_type(to)}>({value})" if "rzi" in parts else sys.exit(op)
        return self.write(args[0], to, value)

    def compare(self, op, args):
        parts = op.split(".")
        kind, how = parts[-1], parts[1]
        a, b = self.read(args[1], kind), self.read(args[2], kind)
        if kind[0] == "f" and how.endswith("u"):  # true where one of them is no number
            opposite = {"eq": "!=", "ne": "==", "lt": ">=", "le": ">", "gt": "<=", "ge": "<"}[how[:-1]]
            value = f"!({a} {opposite} {b})" if how != "neu" else f"{a} != {b}"
        elif kind[0] == "f" and how == "ne":
            value = f"({a} < {b} || {a} > {b})"
        else:
            value = f"{a} {COMPARE[how]} {b}"
        if len(parts) == 4:
            value = f"({value}) {BINARY[parts[2]].format('', '').strip()} {self.read(args[3], 'pred')}"
        return self.write(args[0], "pred", value)

    def simple(self, op, args):
        """Instructions of one lane without memory."""
        parts = op.split(".")
        name, kind = parts[0], parts[-1]
        u = unsigned(kind)
        value = lambda i, k=kind: self.read(args[i], k)  # noqa: E731
        if name == "mov" and args[0].startswith("{"):
            low, high = (x.strip() for x in args[0].strip("{}").split(","))
            half = f"u{int(kind[1:]) // 2}"
            return f"{{ const auto v = {value(1, u)}; {self.write(low, half, 'v')} " \
                   f"{self.write(high, half, f'v >> {half[1:]}')} }}"
        if name == "mov" and args[1].startswith("{"):
            low, high = (x.strip() for x in args[1].strip("{}").split(","))
            half = f"u{int(kind[1:]) // 2}"
            return self.write(args[0], u, f"({c_type(u)}{{{self.read(high, half)}}} << {half[1:]}) | "
                                          f"{self.read(low, half)}")
        if name in ("mov", "cvta"):
            return self.write(args[0], kind, value(1))
        if name in ("add", "addc") and parts[1] == "cc" or name == "addc":
            carry = "w.carry" if name == "addc" else "0"
            return f"{{ const auto [sum, carry] = added({value(1, 'u64')}, {value(2, 'u64')}, {carry}); w.carry = carry; " \
                   f"{self.write(args[0], 'u64', 'sum')} }}"
        if name in ("mul", "mad") and parts[1] in ("wide", "hi"):
            wide = f"{kind[0]}{2 * int(kind[1:])}"
            double = f"{'' if kind[0] == 's' else 'unsigned '}__int128" if wide.endswith("128") else c_type(wide)
            product = f"static_cast<{double}>({value(1)}) * static_cast<{double}>({value(2)})"
            result = kind if parts[1] == "hi" else wide
            if parts[1] == "hi":
                product = f"(({product}) >> {kind[1:]})"
            plus = f" + {self.read(args[3], result)}" if name == "mad" else ""
            return self.write(args[0], result, f"static_cast<{c_type(result)}>({product}){plus}")
        if name == "mad":
            return self.write(args[0], u, f"{value(1, u)} * {value(2, u)} + {value(3, u)}")
        if name in BINARY and kind == "pred":
            return self.write(args[0], kind, BINARY[name].format(value(1), value(2)))
        if name in BINARY:
            k = kind if name in ("div", "rem", "min", "max") else u
            return self.write(args[0], k, BINARY[name].format(value(1, k), value(2, k)))
        if name in ("shl", "shr"):
            k = u if name == "shl" else kind
            how = "left" if name == "shl" else "right"
            return self.write(args[0], k, f"shifted_{how}({value(1, k)}, {self.read(args[2], 'u32')})")
        if name == "selp":
            return self.write(args[0], kind, f"{self.read(args[3], 'pred')} ? {value(1)} : {value(2)}")
        if name in ("neg", "not", "sqrt", "rcp", "abs", "popc", "clz", "brev"):
            form = {"neg": "-{}" if kind[0] == "f" else c_type(u) + "() - {}", "not": "!{}" if kind == "pred" else "~{}",
                    "sqrt": "__builtin_sqrtf({})", "rcp": "1.0f / {}",
                    "abs": "__builtin_fabsf({})" if kind[0] == "f" else "magnitude({})",
                    "popc": "__builtin_popcountll({})", "clz": "leading_zeros({})", "brev": "reversed({})"}[name]
            result = "u32" if name in ("popc", "clz") else u
            return self.write(args[0], result, form.format(value(1, u)))
        if name in ("prmt", "bfi", "bfe", "shf"):
            mode = "_" + parts[1] if name == "shf" else ""
            kinds = ["u32", "u32"] if name in ("bfi", "bfe") else []
            rest = [self.read(a, k) for a, k in zip(args[1:], [u] * (len(args) - 1 - len(kinds)) + kinds)]
            return self.write(args[0], u, f"{name}{mode}({', '.join(rest)})")
        sys.exit(f"the emulator does not know {op}: add it to tests/gpu/emulator/translate.py")

    def lane(self, i):
        name = i.op.split(".")[0]
        if name in ("ld", "st"):
            code = self.memory(i.op, i.args)
        elif name in ("atom", "red"):
            code = self.atomic(i.op, i.args)
        elif name == "cvt":
            code = self.convert(i.op, i.args)
        elif name == "setp":
            code = self.compare(i.op, i.args)
        elif name in ("membar", "fence"):
            code = ""
        else:
            code = self.simple(i.op, i.args)
        return f"if ({self.read(i.guard, 'pred')}) {{ {code} }}" if i.guard else code

    def together(self, i):
        """An instruction of the whole warp: first all lanes give, then all take."""
        parts = i.op.split(".")
        if i.op.startswith("activemask"):
            return "", self.write(i.args[0], "u32", "mask"), None
        if parts[0] == "bar" and parts[1] == "warp":
            return "", "", self.read(i.args[0], "u32")
        if parts[0] in ("bar", "barrier"):
            return "", "", None
        if parts[0] == "vote":
            form = {"ballot": ("b32", "given"), "any": ("pred", "given != 0"), "all": ("pred", "given == mask")}[parts[2]]
            give = f"if ({self.read(i.args[1], 'pred')}) given |= 1u << lane;"
            return give, self.write(i.args[0], *form), self.read(i.args[2], "u32")
        target, _, valid = i.args[0].partition("|")
        take = f"const int from = source_lane(lane, {self.read(i.args[2], 'u32')}, {self.read(i.args[3], 'u32')}, " \
               f"Shuffle::{parts[2]}); {self.write(target, 'u32', 'words[from < 0 ? lane : from]')}"
        if valid:
            take += " " + self.write(valid, "pred", "from >= 0")
        return f"words[lane] = {self.read(i.args[1], 'u32')};", take, self.read(i.args[4], "u32")

    # blocks

    def target(self, place, number):
        """Where a lane goes that goes on to a block: backwards only by the loop's latch."""
        to = self.place[number]
        return self.place[("latch", number)] if to <= place else to

    def block(self, place, node):
        """Code, its cost, whether the block's warps meet at it."""
        if isinstance(node, tuple):
            return f"for_lanes(mask, [&](int lane) {{ at[lane] = {self.place[node[1]]}; }});", 0.0, False
        block = self.kernel.blocks[node]
        targets = [self.target(place, t) for t in block.next]
        if block.end and block.end.guard:
            go = f"at[lane] = {self.read(block.end.guard, 'pred')} ? {targets[0]} : {targets[1]};"
        else:
            go = f"at[lane] = {targets[0]};"
        price = sum(cost(i.op) for i in block.code) + (cost(block.end.op) if block.end else 0)
        lane = "auto& w = lanes[lane];"
        if block.code and block.code[0].op.startswith(ptx.COLLECTIVE):
            give, take, members = self.together(block.code[0])
            code = "std::uint32_t given = 0, words[32] = {}; (void)given, (void)words;\n"
            if members:
                code += f"for_lanes(mask, [&](int lane) {{ {lane} expect_all(mask, {members}, at, {place}); }});\n"
            code += f"for_lanes(mask, [&](int lane) {{ {lane} {give} (void)w; }});\n"
            code += f"for_lanes(mask, [&](int lane) {{ {lane} {take} {go} (void)w; }});"
            return code, price, block.code[0].op.split(".")[0] in ("bar", "barrier") and ".warp" not in block.code[0].op
        lines = [self.lane(i) for i in block.code]
        body = "\n  ".join(line for line in lines if line)
        return f"for_lanes(mask, [&](int lane) {{ {lane} (void)w;\n  {body}\n  {go} }});", price, False

    def cpp(self, name):
        out = [f"struct {name} {{", f"struct Lane : LaneBase {{"]
        out += [f"{STORAGE[k]} {k}[{self.kernel.registers[k]}];" for k in STORAGE]
        out += ["};", f"static constexpr int blocks = {len(self.kernel.order)}, static_shared = {self.kernel.static_shared};"]
        costs, meets = [], []
        for place, node in enumerate(self.kernel.order):
            code, price, meet = self.block(place, node)
            out.append(f"static void block{place}(Lane* lanes, std::uint32_t mask, int* at) {{\n{code}\n}}")
            costs.append(price)
            meets.append(meet)
        names = ", ".join(f"&block{i}" for i in range(len(costs)))
        out.append(f"static constexpr void (*run[])(Lane*, std::uint32_t, int*) = {{{names}}};")
        out.append(f"static constexpr double cost[] = {{{', '.join(f'{c:.2f}' for c in costs)}}};")
        out.append(f"static constexpr bool barrier[] = {{{', '.join(str(int(m)) for m in meets)}}};")
        out.append("};")
        return "\n".join(out)


def translated(text, wanted):
    """C++ for those kernels of a PTX file whose names are wanted."""
    parts = []
    for kernel in ptx.kernels(text):
        name = next((n for n in wanted if f"{len(n)}{n}E" in kernel.name), None)
        if name:
            parts.append(Translator(kernel).cpp(name))
    return "\n".join(parts)
