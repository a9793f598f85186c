"""事件 and 来访报告: what has to be looked after, and what building heads report."""
