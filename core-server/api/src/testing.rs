//! A whole API on a real store with a switch that only remembers, for tests.
