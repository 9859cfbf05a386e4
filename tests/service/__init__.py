"""The refund service, deployed: what the demo, ``make local`` and the tests drive."""
