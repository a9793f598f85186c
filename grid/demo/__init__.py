"""The demo community: a place and its people, invented by the project itself."""
