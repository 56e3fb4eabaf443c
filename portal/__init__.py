"""The pages and the programming interface for people and systems; they hold no logic."""
