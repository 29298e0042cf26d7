"""The desk Import: upload a file, see how it would be read, import it, and get back what was refused."""
