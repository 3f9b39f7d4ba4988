"""The profile store on a ClickHouse server or cluster: the same questions, sums by stack from there."""
