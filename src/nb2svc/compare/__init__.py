"""Two built projects → what differs: request, state, code, model, and the answers for captured rows."""
