"""What the agent takes, and the limit it keeps."""
