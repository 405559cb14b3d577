"""The trainings: their phases, steps and schedule, and what they resume from."""
