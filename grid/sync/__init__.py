"""The phone without a signal: answers to its outbox, the pack it takes along, the reckoning (对账)."""
