"""What an administrator keeps: accounts, patches, the log, settings; and the pages of street and building head."""
