"""A deployed stack follows its sources: what changes on disk goes live at once."""
