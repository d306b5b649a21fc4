"""Bytes to figures: files and printed tables read exactly, or refused with place, reason and fix."""
