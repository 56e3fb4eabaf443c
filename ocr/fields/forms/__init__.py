"""Fields of forms with fixed places: found again on the scan, freed from print, read by zones."""
