"""Journeys on screen: the list, the ready-made set, the editor, who is in one and why, and a walk through it."""
