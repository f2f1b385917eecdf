//! A forge, as the gate needs it: the same questions and writes for Gitea, Forgejo and GitHub.
