"""What a cytogenetics laboratory writes: an ISCN string becomes a structure, and the structure becomes facts.

`reading` reads a string (or says where and why it cannot), `groups` says what each group of cells holds, `matching` looks for the
patterns of `knowledge/karyotype/`, and `facts` says what follows, and what a karyotype cannot tell.
"""
