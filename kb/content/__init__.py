"""Content: Markdown to safe HTML, highlighted code, snippets of search results."""
