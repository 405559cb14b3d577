"""Photographs encoded for each family: what the readers know of the values of latents."""
