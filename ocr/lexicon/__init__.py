"""Words of administrative Vietnamese, for the judge of doubtful marks."""
