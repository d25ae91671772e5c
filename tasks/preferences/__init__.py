"""Preferences: for each accepted text one worse text, proven to be worse in a known way, and the pairs made of them.

`assignment` says which way, `negatives` is the pure fold that makes the worse text, `proof` holds it to what was
claimed, `steps` declares NEGATIVES and PAIRS.
"""
