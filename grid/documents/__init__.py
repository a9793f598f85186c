"""Paper: the household sheet and the map as PDF."""
