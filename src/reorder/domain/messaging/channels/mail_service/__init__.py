"""Mail by the HTTP interface of a mail service, through anymail."""
