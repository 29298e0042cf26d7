"""The living style page: every token and component, as pages use them."""
