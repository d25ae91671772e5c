"""Copywriting: a first draft for each product and content type, then cleaning until it keeps every rule.

`desk` and `drafting` render calls, `cleaning` is the pure fold from a draft to an accepted or quarantined text, `fold`
drives it (with the teacher, or dry over the journal), `steps` declares DRAFTS and COPY.
"""
