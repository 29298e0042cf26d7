"""The carriers that the library karrio speaks to (FedEx, EasyPost and, by plug-ins, some fifty more)."""
