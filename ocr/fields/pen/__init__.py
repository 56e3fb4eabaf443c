"""Figures written by pen or typed into cells: small networks, and how they were trained."""
