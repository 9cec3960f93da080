"""kb: a searchable knowledge base of gotchas for software teams."""

from importlib.metadata import version

__version__ = version("kb")
