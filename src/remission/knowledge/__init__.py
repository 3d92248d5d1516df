"""The ground floor: reads and checks the library of knowledge, and hands it out as frozen objects with one content hash."""
