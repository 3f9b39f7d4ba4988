/* Named by BCC's headers; nothing in it is used by our programs. */
