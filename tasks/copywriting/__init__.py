"""Copywriting: a first draft for each product and content type, then cleaning until it keeps every rule.

`desk` and `drafting` render calls, `cleaning` is the pure fold from a draft to an accepted or quarantined text:
`mending` repairs what is no copy for free (`wrapping`, `marks`, `topics`), `instructions` and `oscillation` say what a
paid repair is told, `model_gates` (with `tone` and `gate_answers`) are the optional gates that a model judges. `fold`
drives it (with the teacher, or dry over the journal), `steps` declares DRAFTS and COPY.
"""
