"""What our readers and graphs are compared with: PyTorch and the authors' own code."""
