"""One module a step, ``v0001_...``; a step that was released is never edited."""
