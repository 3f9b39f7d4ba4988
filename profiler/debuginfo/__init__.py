"""ELF files and their debug information: what a program's address means in the source.

Used by the agent (files of the host) and by the server (uploaded files). Whatever is read here may be hostile.
"""
