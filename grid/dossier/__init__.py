"""一户一档: everything of one household, for the screen and the sheet alike."""
