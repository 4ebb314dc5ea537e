"""Keeps a Django site and portal in step while both are alive: changes are pushed, portal's own are
pulled, and one login serves both sides."""

__version__ = "0.1.0"
