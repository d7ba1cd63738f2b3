"""A value with its standard error, and the error that all of the package raises."""

import dataclasses
import math


class Error(ValueError):
    """Something is wrong with a file or an argument; the message is one line that names it and the remedy."""


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A value and one standard error of it, both in the unit that its place states; `error` is None where none is known."""

    value: float
    error: "float | None" = None

    def __float__(self):
        return float(self.value)

    def __str__(self):
        if not self.error or not math.isfinite(self.error):
            return f"{self.value:.3g}" if abs(self.value) < 1000 else f"{self.value:.0f}"
        decimals = max(0, 1 - math.floor(math.log10(self.error)))  # the error to two digits, the value as far as it
        return f"{self.value:.{decimals}f} +- {self.error:.{decimals}f}"

    def __sub__(self, other):
        """The difference of two independent estimates; an estimate without an error counts as exact beside one that has it."""
        if self.error is None and other.error is None:
            return Estimate(self.value - other.value)
        return Estimate(self.value - other.value, math.hypot(self.error or 0, other.error or 0))


def estimate(value, error):
    """An Estimate of numbers as files have them: NaN and None are an unknown error. `value` None or NaN: NaN."""
    value = math.nan if value is None else float(value)
    return Estimate(value, None if error is None or math.isnan(error) else float(error))
