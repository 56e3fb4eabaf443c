"""Pages and their words put together into a searchable PDF/A-2b."""
