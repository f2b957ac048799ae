"""The sample feed as a whole: what a year of it says, and whether it hangs together."""
