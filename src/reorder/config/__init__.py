"""How one installation is set up: environment, Django settings, embedded database."""
