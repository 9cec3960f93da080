"""The search engine over tantivy, an optional extra, `kb[tantivy]`: for large knowledge bases.

It is given the same terms and asks by the same plan and weights as Whoosh; docs/decisions/0016
says where its answers differ.
"""
