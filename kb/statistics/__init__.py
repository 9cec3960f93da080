"""Numbers: what is here, what is read, what is searched for and not found."""
