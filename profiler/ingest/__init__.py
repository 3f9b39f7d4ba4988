"""The write side: profiles and reports of agents, and uploaded files."""
