"""The embedded stack (内嵌环境): the same service code with other addresses, on one machine, for development and tests."""
