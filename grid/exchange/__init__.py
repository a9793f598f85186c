"""Files in and out: maps, door lists and rosters, as a committee brings them."""
