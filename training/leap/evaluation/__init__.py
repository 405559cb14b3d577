"""Finished networks measured: tables, contact sheets, costs, the model card."""
