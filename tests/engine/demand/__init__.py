"""Tests of the demand part."""
