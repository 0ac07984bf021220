"""Proof of patrol: the street network, tracks matched to it, and which metres were walked when."""
