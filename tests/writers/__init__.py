"""Tests of rnnviz.writers."""
