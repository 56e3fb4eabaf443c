"""Lines of writing drawn for the line model: what is written, by which hand, on what paper."""
