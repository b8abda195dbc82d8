"""Which runs, in what order, where; nothing finished is lost, nothing is run twice.

Only `worker` loads a deep-learning framework, and only worker processes load `worker`.
"""
