"""Who works here, what they may see, and what they did."""
