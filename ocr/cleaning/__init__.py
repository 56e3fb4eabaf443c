"""The picture that is read, made ready: turn, skew, borders, seals over print, two-up sheets."""
