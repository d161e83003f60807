"""The verifier that shares nothing with the server: `verify.py` is given away and run by whoever does not trust us."""
