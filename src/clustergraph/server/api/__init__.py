"""What programs ask: the protocol, saved queries, descriptions of the service."""
