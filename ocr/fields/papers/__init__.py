"""Fields of papers without fixed places: values after their labels, and codes that beat print."""
