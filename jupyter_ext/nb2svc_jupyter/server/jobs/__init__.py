"""Commands that run for the panel: in processes of their own, one after the other, told as they go, and gone with the server."""
