"""What trainings are given: drawn pictures, the cache of latents, parcels for a GPU."""
