"""The benchmarks behind the figures in docs/reliability.md. They use local servers only."""
