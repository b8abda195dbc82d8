"""What a model entry means: recipes expand to lists of layers, and `network` builds those with Keras.

Recipes are plain data and load no deep-learning framework; only `backend` and `network` do.
"""
