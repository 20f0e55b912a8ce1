"""Builds Blu-ray discs from coded frames: transport streams, the tables of BDMV, UDF 2.50.

Each module makes bytes from values and knows nothing of a particular disc; make_film.py puts them together.
"""
