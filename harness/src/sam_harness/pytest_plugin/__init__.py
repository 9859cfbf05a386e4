"""The pytest plugin: one emulator for a run, and fixtures to deploy and look into it.

`plugin` is what pytest loads; `fixtures` is what tests can use.
Every run of pytest in an environment with the harness loads it, also one without an
emulator: nothing is started, and hardly anything imported, before a test asks for it.
No knowledge about one template may enter.
"""
