"""Tests of rnnviz.render."""
