"""The parts of the sample feed."""
