"""Words of administrative Vietnamese, by which lost tone marks are restored."""
