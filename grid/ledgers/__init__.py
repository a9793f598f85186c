"""台账 and 指标: what was entered once, as tables, as figures with their targets, and as the year's plan."""
