//! coalmine-world
