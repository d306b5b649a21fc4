"""What readers see: a module a notebook, its sentences, tables and charts together."""
