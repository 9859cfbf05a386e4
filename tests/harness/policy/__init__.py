"""Checks a SAM template against cfn-lint and rules of our own."""
