"""Tests of rnnviz.scene."""
