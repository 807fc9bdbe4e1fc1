"""The server extension: the compiler's analysis over HTTP, for the panel."""
