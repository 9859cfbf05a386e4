"""Rehearses on an embedded LocalStack what is otherwise done to a stage on AWS."""
