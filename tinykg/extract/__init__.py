"""Files of foreign formats become records; each format is a plug-in, see `protocol.py`."""
