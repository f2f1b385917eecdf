//! Which process to start.

/// Which process to start.
#[derive(Debug, Clone)]
pub enum ProcessSpec {
    /// This program: it prints its address as its first line on stdout, and ends when its stdin ends.
    Embedded {
        /// The program and its arguments.
        command: Vec<String>,
        /// The fault that the arguments switch on, if any.
        fault: Option<String>,
    },
    /// A command for the shell, in which `{port}` and the other placeholders are filled in.
    Shell {
        /// The command as given.
        command: String,
        /// Whether it runs in a sandbox that bubblewrap makes.
        sandbox: bool,
    },
}
