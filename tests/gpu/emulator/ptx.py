"""PTX as nvcc writes it, taken apart into kernels, basic blocks and the order in which a warp runs them."""
import re
import sys
from dataclasses import dataclass, field

# Instructions that lanes of a warp execute together; each becomes a block by itself, at which they wait for each other.
COLLECTIVE = ("vote.sync", "shfl.sync", "bar.warp.sync", "bar.sync", "barrier.sync", "activemask")


@dataclass
class Instruction:
    text: str
    guard: str = ""  # "%p1", "!%p1" or nothing
    op: str = ""
    args: list = field(default_factory=list)


@dataclass
class Block:
    code: list = field(default_factory=list)
    end: Instruction = None  # bra or ret; None: falls through
    next: list = field(default_factory=list)  # of a branch: taken, not taken; the kernel's end is len(blocks)


@dataclass
class Kernel:
    name: str
    params: list
    registers: dict  # kind: count
    shared: dict  # symbol: offset
    static_shared: int
    blocks: list
    order: list  # block numbers, and ("latch", header) after the last block of a loop


def instruction(text):
    guard, op, rest = re.match(r"^(?:@(!?%p\d+)\s+)?([a-z][\w.:]*)\s*(.*)$", text, re.S).groups()
    args = [a.strip() for a in re.findall(r"\{[^}]*\}|\[[^\]]*\]|[^,\s][^,]*", rest)]
    return Instruction(text, guard or "", op, args)


def without_scopes(body):
    """Inline assembly has registers of its own, in braces: they become registers of the kernel."""
    fresh = {kind: int(count) for kind, count in re.findall(r"\.reg \.\w+\s+%(p|r|rd)<(\d+)>", body)}

    def renamed(match):
        text = match[1]
        for kind, names in re.findall(r"\.reg \.(\w+) ([\w, ]+);", text):
            bank = "p" if kind == "pred" else "rd" if kind.endswith("64") else "r"
            for name in names.split(","):
                fresh[bank] = fresh.get(bank, 0) + 1
                text = re.sub(rf"(?<![\w.%]){name.strip()}\b", f"%{bank}{fresh[bank]}", text)
        return re.sub(r"\.reg [^;]*;", "", text)

    body = re.sub(r"^\s*\{(\s*\.reg .*)\}\s*$", renamed, body, flags=re.M)
    used = {kind: max([int(n) for n in re.findall(rf"%{kind}(\d+)\b", body)], default=0) + 1
            for kind in ("p", "rs", "r", "rd", "f", "fd")}
    return body, used


def statements(body):
    """Labels as ("label", name), instructions; declarations and debugging lines are dropped."""
    for line in re.split(r"(?<=;)\s|\n", body):
        line = re.sub(r"//.*", "", line).strip()
        if not line or line[0] == ".":
            continue
        if line.endswith(":"):
            yield "label", line[:-1]
        else:
            yield "code", instruction(line.rstrip(";"))


def blocks_of(body):
    blocks, labels, pending = [Block()], {}, []
    for kind, item in statements(body):
        last = blocks[-1]
        if kind == "label":
            if last.code or last.end:
                blocks.append(Block())
            labels[item] = len(blocks) - 1
            continue
        if last.end or (last.code and (item.op.startswith(COLLECTIVE) or last.code[-1].op.startswith(COLLECTIVE))):
            blocks.append(Block())
            last = blocks[-1]
        if item.op.split(".")[0] in ("bra", "ret", "exit"):
            last.end = item
        else:
            last.code.append(item)
    for number, block in enumerate(blocks):
        if block.end is None:
            block.next = [number + 1]
        elif block.end.op.startswith("bra"):
            block.next = [labels[block.end.args[0]]] + ([number + 1] if block.end.guard else [])
        else:
            block.next = [len(blocks)]
    return blocks


def strongly_connected(nodes, edges):
    """Tarjan's components of the subgraph of `nodes`, in topological order."""
    index, low, stack, found, inside = {}, {}, [], [], set(nodes)

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        for w in edges[v]:
            if w in inside and w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in inside and w in stack:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            part = stack[stack.index(v):]
            del stack[stack.index(v):]
            found.append(part)

    for v in nodes:
        if v not in index:
            visit(v)
    return found[::-1]


def warp_order(blocks):
    """Blocks in the order in which a warp runs them: a block after all that lead to it, a loop's in one piece with its latch
    behind them. A lane that goes round a loop waits at the latch for those that are still in it. So lanes meet at the first
    block that both come to, which is the best that the hardware may do."""
    sys.setrecursionlimit(20000)

    def ordered(nodes, edges, outside):
        result = []
        for part in strongly_connected(nodes, edges):
            if len(part) == 1 and part[0] not in edges[part[0]]:
                result.append(part[0])
                continue
            inside = set(part)
            heads = [v for v in part if outside(v) or any(v in edges[u] for u in nodes if u not in inside)]
            if len(heads) != 1:
                sys.exit(f"the emulator knows loops with one entry only; this has {len(heads)}")
            head = heads[0]
            without = {v: [w for w in edges[v] if w != head] for v in part}
            result += ordered(sorted(part), without, lambda v, head=head: v == head) + [("latch", head)]
        return result

    edges = {number: block.next for number, block in enumerate(blocks)}
    reached, todo = set(), [0]
    while todo:
        v = todo.pop()
        if v not in reached and v < len(blocks):
            reached.add(v)
            todo += edges[v]
    return ordered(sorted(reached), edges, lambda v: v == 0)


def kernels(text):
    """All kernels of a PTX file."""
    common = re.search(r"^(.*?)\.entry", text, re.S).group(1)
    for name, params, body in re.findall(r"\.entry (\w+)\(\s*(.*?)\n?\)\s*[^{]*\n\{\n(.*?)\n\}\n", text, re.S):
        shared, offset, dynamic = {}, 0, []
        for where in (common, body):
            for extern, align, symbol, size in re.findall(
                    r"(\.extern )?\.shared \.align (\d+) \.b8 (\w+)\[(\d*)\]", where):
                if extern or not size:
                    dynamic.append(symbol)
                elif re.search(rf"\b{symbol}\b", body):
                    offset = -(-offset // int(align)) * int(align)
                    shared[symbol] = offset
                    offset += int(size)
        offset = -(-offset // 16) * 16
        shared.update({symbol: offset for symbol in dynamic})
        body, registers = without_scopes(body)
        blocks = blocks_of(body)
        yield Kernel(name, re.findall(r"(\w+_param_\d+)", params), registers, shared, offset, blocks, warp_order(blocks))
