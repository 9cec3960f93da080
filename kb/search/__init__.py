"""Search: the query language, the analyser, the engines, and what keeps an index up to date."""
