"""Content of messages: templates and their versions, the library, how messages look and where carts lead."""
