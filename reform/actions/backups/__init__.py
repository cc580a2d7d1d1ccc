"""Backups (备份): rows and files of one moment, in a folder that knows whether it is whole."""
