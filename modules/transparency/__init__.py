"""The log that proves no list was reordered: leaves, tree, checkpoints and tiles, as C2SP writes them."""
