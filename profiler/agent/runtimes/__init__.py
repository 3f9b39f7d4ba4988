"""Language runtimes: frames that native code does not show, names for compiled code, and what would show more."""
