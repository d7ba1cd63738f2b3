"""The verdict: what `ytterby validate -o` and `ytterby run` write as JSON."""

import dataclasses
import json
import pathlib

from .dose import Warning
from .estimate import Error, estimate


@dataclasses.dataclass(frozen=True)
class Rule:
    """One ruling. `verdict`: "pass", "fail" or "not-judged"; `value`, limits and `margin` in `unit`; None: does not apply."""

    id: str
    method: "str | None"
    structure: "str | None"
    session: "str | None"
    value: "float | None"
    unit: str
    limit_low: "float | None"
    limit_high: "float | None"
    margin: "float | None"
    verdict: str
    reason: "str | None"
    probability: "float | None"
    settings: dict

    def __str__(self):
        who = " ".join(w for w in (self.id, self.structure, self.method and f"by {self.method}") if w)
        value = "" if self.value is None else f": {self.value:.3g}" + ("" if self.unit == "1" else " " + self.unit)
        return f"{who}{value}: {self.verdict}"


class Verdict:
    """`verdict` ("pass" or "fail") by the method `judge`; `rules`, `warnings`; `methods` and `structures` by name."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
            self.case, self.judge, self.verdict = data["case"], data["judge"], data["verdict"]
            self.protocol, self.content_hash = data["protocol"], data["content_hash"]
            self.warnings = [Warning.of(w) for w in data.get("warnings", [])]
            fields = [f.name for f in dataclasses.fields(Rule)]
            self.rules = [Rule(**{name: rule.get(name) for name in fields}) for rule in data["rules"]]
            self.structures = {s["name"]: s for s in data["structures"]}
            self.differences = data["differences"]
        except FileNotFoundError:
            raise Error(f"{path}: there is no such file") from None
        except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise Error(f"{path}: is no verdict of ytterby: {error}") from None

    @property
    def passed(self):
        return self.verdict == "pass"

    @property
    def methods(self):
        """Those that some structure has doses by, in the file's order."""
        return list(dict.fromkeys(m for s in self.structures.values() for m in s["methods"]))

    @property
    def broken(self):
        """The rules that fail by the judging method, or by none."""
        return [r for r in self.rules if r.verdict == "fail" and r.method in (None, self.judge)]

    def rules_of(self, id, method=None, structure=None):
        """The rulings of a rule: by one method, of one structure, where they are named."""
        return [r for r in self.rules if r.id == id and method in (None, r.method) and structure in (None, r.structure)]

    def measure(self, structure, name, method="monte-carlo"):
        """An Estimate of "mean", "D95", "gEUD", "BED" ... [Gy] or "V300" ... (share) of a structure by a method."""
        try:
            found = self.structures[structure]["methods"][method]
        except KeyError as missing:
            raise Error(f"{self.path}: has no {missing} in {structure} by {method}") from None
        for key in (name, name + "_Gy"):
            if key in found:
                unit = "_Gy" if key.endswith("_Gy") else ""
                return estimate(found[key], found.get(key.removesuffix("_Gy") + "_error" + unit))
        raise Error(f"{self.path}: has no measure {name}; there are " + ", ".join(k for k in found if "error" not in k))

    def noise(self, structure, name, method="monte-carlo"):
        """What noise in voxels added to a measure in the histogram of the dose, and measure() is without [Gy or share]."""
        found = self.structures[structure]["methods"][method]
        return found.get(f"{name}_noise_Gy", found.get(f"{name}_noise")) or 0.0

    def __str__(self):
        wrong = sum(w.kind == "wrong-dose" for w in self.warnings)
        words = f", with {wrong} warning{'s' if wrong > 1 else ''}" if wrong else ""
        return f"{self.case}: {self.verdict}{words} by {self.judge}, {self.protocol['title']}"


def read_verdict(path):
    """A Verdict from VERDICT.json."""
    return Verdict(path)
