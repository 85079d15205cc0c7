"""The benchmarks behind the figures in docs/benchmarks.md. They use local servers only.

`streaming` plays the `loads`, in a `simulation` on a `virtual_clock` or over the `wire`. It reports
their `outcome` next to a `lower_bound`, which searches the best `show_times`. `chaos` kills the
bot, `soak` lets it run for long, and `startup`, `cost`, `memory` and `path` measure what it takes.
What several of them need is in `environment`.
"""
