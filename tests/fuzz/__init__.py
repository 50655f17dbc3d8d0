"""Coverage-guided search for inputs that give anything but a result or a clear error; see `__main__`."""
