"""The numbers of the plans, each one small function over the rows; docs/indicators.md lists them."""

from grid.ledgers.indicators import cases, doors, duties, elsewhere
from grid.ledgers.indicators.base import COUNT, INDICATORS, RATE, Indicator

__all__ = ["COUNT", "INDICATORS", "RATE", "Indicator", "cases", "doors", "duties", "elsewhere"]
