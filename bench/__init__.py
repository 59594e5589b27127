"""Benchmarks: how fast the product is, beside a peer that did like work in the same run, where there is one.

``python3 dev.py bench [--quick] [--list] [name ...]``. A benchmark is any module below this package that has

    def run(*, quick: bool) -> dict

and its name is its path below the package (``seal``, ``detection.scan``). What the dictionary may hold is in
``bench.figure``. Benchmarks are no tests: they say how things are and fail only when they break.
"""
