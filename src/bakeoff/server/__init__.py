"""The live pages of `bakeoff serve`: a study being trained, what a store holds, and networks that vote on a drawing.

Needs the extra `serve` (Starlette and uvicorn). The networks work in a process of their own, so nothing here loads a
deep-learning framework.
"""
