"""The Thing Description Directory of WoT Discovery."""
