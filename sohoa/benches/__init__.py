"""Benchmarks: what Sohoa costs on this machine, side by side with what a user would pick instead."""
