"""What every feature stands on: database, configuration, forms, errors, words."""
