"""A seeded person in a hurry, who does everything to the window at once.

`python -m tests.gui.abuse EVENTS [SEED] [--xvfb]` drives the windows of the app and tells what went
wrong, with the seed and what was done last.
"""
