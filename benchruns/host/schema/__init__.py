"""The parts of a result document. Import them from `benchruns.host.document`."""
