"""Benchmarks: how fast kb is on this machine, next to yardsticks measured in the same run."""
