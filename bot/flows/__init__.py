"""What happens, in order: load, decide, save, then speak."""
