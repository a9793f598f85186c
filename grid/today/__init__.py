"""今天: a worker's first page, where to go next and why."""
