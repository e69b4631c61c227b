"""The parts of the mock engine. Import it from `benchruns.host.mock_engine`."""
