"""What the agent says of its host."""
