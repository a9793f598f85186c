"""The register: community, block, building, unit, household (the door), person, residency, tag."""
