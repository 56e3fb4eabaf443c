"""Fields of administrative documents: the boxes of Decree 30/2020."""
