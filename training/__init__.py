"""What makes and measures Sohoa and is no part of it: fitting of networks, benchmarks.

In a checkout only; the wheel has none of it. It may import every room, and no room imports it:
`sohoa bench` and `sohoa calibrate --truth` look for it by name (:mod:`sohoa.cli.checkout`).
"""
