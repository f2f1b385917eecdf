//! A stand-in forge for tests.
