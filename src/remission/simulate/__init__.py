"""Virtual children: the marrow, the leukemia and the treatment as one model that can be run. Everyone in it is invented.

It illustrates a model and says nothing about any real child. docs/virtual-children.md says what it can and cannot tell.
"""
