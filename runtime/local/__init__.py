"""The engines that `ikm up` and the tests start on this machine."""
