"""What a text means, as a vector: an optional extra, `kb[meaning]`.

The vocabulary is that of BERT base, uncased (Google, Apache License 2.0), which the model was
trained with; its package does not bring it along.
"""
