"""What the wrapped families share: an A2A server on a2a-sdk, files for the model, and what is kept on disk."""
