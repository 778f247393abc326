// The adapters follow.
