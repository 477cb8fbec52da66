"""Runs the emulator (ministack) inside the local stack: what is changed in it, what it reports, and its one door."""
