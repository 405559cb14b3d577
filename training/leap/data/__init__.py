"""Photographs to cached latents, and the samplers that feed the trainings."""
