"""The reminder plan of the desk Messages: how many of the likeliest pairs the nights remind."""
