"""The commands of the command line, by what people want of them."""
