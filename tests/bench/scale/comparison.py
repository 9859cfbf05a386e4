"""A measured figure beside the predicted one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure; it fits within a share of the prediction or an absolute slack."""

    what: str
    unit: str
    measured: float
    predicted: float
    share: float
    slack: float

    @property
    def tolerance(self) -> float:
        """How far the measured figure may be off."""
        return max(self.share * self.predicted, self.slack)

    @property
    def fits(self) -> bool:
        """Whether measured and predicted agree."""
        return abs(self.measured - self.predicted) <= self.tolerance
