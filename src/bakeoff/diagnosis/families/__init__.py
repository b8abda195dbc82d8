"""One file per family of findings, found by its name.

A file `bkoN_name.py` defines `CODES`, from each code to what it means in a few words, and `diagnose(study)`, which
yields findings with these codes.
"""
