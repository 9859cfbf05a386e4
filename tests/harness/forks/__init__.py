"""pytest's tests in several processes that share one collection."""
