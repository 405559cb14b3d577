"""What a picture or a latent is judged by while a network learns."""
