"""What runs models: interpreters on this machine."""
