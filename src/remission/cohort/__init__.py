"""Many children: the same rules over tables."""
