"""Sample files (样例数据) of made-up people for demonstrations, journeys, benchmarks and tests."""
