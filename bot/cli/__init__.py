"""The subcommands of `readalso`, one module per subject."""
