"""走访: who was visited, how it went, and when to come again."""
