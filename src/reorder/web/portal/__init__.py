"""Pages for the shop's customers, reached by signed links of mails: no login, and nothing personal on them."""
