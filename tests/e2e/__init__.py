"""Tests of a deployed stage; see conftest.py."""
