"""Reporting: figures counted from the rows (`figures`), one self-contained page (`page`), the step REPORT (`steps`)."""
