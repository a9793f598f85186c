"""The map of a community (区域图) and the elevation of a building (楼盘表)."""
