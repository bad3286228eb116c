//! WigWag house rules as a test.
