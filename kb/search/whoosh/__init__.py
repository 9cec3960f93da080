"""The embedded search engine: Whoosh keeps the postings, this package ranks them.

Whoosh's own queries, collectors and facets are not used: they are slower than adding up cached
postings, and wrong in ways that tests/search/whoosh hold (docs/decisions/0003).
"""
