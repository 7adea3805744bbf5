"""The rules of each kind of resource."""
