#!/usr/bin/env python3
"""Finds circles of files: A needs B, and B needs A, be it by way of others.

usage: circles.py REPOSITORY

A file needs those that it includes; NAME.cpp and NAME.cu count with NAME.h as one. Prints every circle, as the files of it with
one way round, and exits 1 if there is one."""

import pathlib
import re
import sys

LIBRARIES = ("kernels", "engine", "io", "validation")

# Circles that are still to be opened, by their members: this list only gets shorter.
KNOWN = ()
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def unit(path):
    """The name that a header shares with its source."""
    return path.rsplit(".", 1)[0]


def graph_of(files):
    """{unit: units that it includes} of {path: text}; includes of what is not there are left out."""
    units = {unit(path) for path in files}
    graph = {u: set() for u in units}
    for path, text in files.items():
        for name in INCLUDE.findall(text):
            other = unit(name)
            if other in units and other != unit(path):
                graph[unit(path)].add(other)
    return graph


def circles(graph):
    """Strongly connected components of more than one node, each sorted (Tarjan, SIAM J. Comput. 1 (1972) 146, as a loop)."""
    index, low, on_stack, stack, found = {}, {}, set(), [], []
    for root in sorted(graph):
        if root in index:
            continue
        work = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in index:
                    index[other] = low[other] = len(index)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(sorted(graph[other]))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], index[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = stack.index(node)
                    members = stack[cut:]
                    del stack[cut:]
                    on_stack.difference_update(members)
                    if len(members) > 1:
                        found.append(sorted(members))
    return found


def way_round(graph, members):
    """A shortest circle through the first member."""
    start, inside = members[0], set(members)
    before, queue = {}, [start]
    for node in queue:
        for other in sorted(graph[node] & inside):
            if other == start:
                way = [node]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if other not in before:
                before[other] = node
                queue.append(other)
    raise AssertionError("no circle")


def check_itself():
    """What a search for circles must and must not find."""
    alone = graph_of({"a.h": '#include "b.h"', "b.h": "", "b.cpp": '#include "b.h"\n#include "c.h"', "c.h": ""})
    assert circles(alone) == [], alone
    two = graph_of({"a.h": '#include "b.h"', "b.h": "", "b.cpp": '#include "a.h"'})
    assert circles(two) == [["a", "b"]] and way_round(two, ["a", "b"]) == ["a", "b"]
    three = graph_of({"a.h": '#include "b.h"', "b.h": '#include "c.h"', "c.h": '#include "a.h"', "d.h": '#include "a.h"'})
    assert circles(three) == [["a", "b", "c"]]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    check_itself()
    root = pathlib.Path(sys.argv[1])
    files = {
        str(path.relative_to(root)): path.read_text()
        for library in LIBRARIES
        for ending in ("*.h", "*.cpp", "*.cu")
        for path in (root / library).rglob(ending)
    }
    graph = graph_of(files)
    found = [members for members in circles(graph) if not any(known.issuperset(members) for known in KNOWN)]
    for members in found:
        print("rule broken: a circle of files: " + " -> ".join(way_round(graph, members) + members[:1]))
        if len(members) > 2:
            print("  all of it: " + ", ".join(members))
    if not found:
        print("architecture: no circle among " + str(len(graph)) + " units")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
