"""What is known about models, devices and runtimes, before it becomes a graph."""
