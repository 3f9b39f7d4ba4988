"""What is to be recorded: processes, control groups, containers, units."""
