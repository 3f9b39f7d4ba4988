"""A profile as one HTML file with the whole viewer in it, which opens from a disk and asks no server for anything.

`packed` puts the tree into it, `own_files` scripts and styles, `page` makes the file. What the scripts do with it:
static/js/pages/saved.js.
"""
