"""Measures the product against a bare WSGI baseline: `python -m bench --size S --db sqlite`."""
