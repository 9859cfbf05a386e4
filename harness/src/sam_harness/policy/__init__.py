"""Checks a template with cfn-lint and rules of our own, offline.

A rule looks at a resolved template only; what is deployed is no business of it.
"""
