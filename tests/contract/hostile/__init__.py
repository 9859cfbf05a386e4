"""Requests and messages that no honest client sends, by kind.

Each names the answer that the contract gives it. What may not be in a log is in many of
them: see SECRET.

Not among them is what LocalStack's own front treats unlike AWS's, so that an answer
would say nothing: bodies above 6 MB, a wrong ``Content-Encoding: gzip`` (500), a
multipart body (400 in its own words), ``;`` in a path (cut off), methods in lower case
(taken for upper case), and requests that are no HTTP.
"""
