"""Training code of Latent Leap: networks, data, losses, stages, export."""
