"""The rules, by what they look at; each module ends in its table of rules."""
