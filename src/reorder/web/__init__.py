"""Server-rendered desks: each folder is one desk; a view asks access for what it shows and makes one call down."""
