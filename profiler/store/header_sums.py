"""Sums over the rows of whole profiles: what time series and lists of labels are made of."""

from dataclasses import dataclass, fields

import numpy as np

from profiler.core.profile import Int64s


@dataclass(frozen=True)
class HeaderSums:
    """By group and bucket: values as they were kept, how many profiles, their lengths together. Rows may recur."""

    group: Int64s
    bucket: Int64s
    total: Int64s
    profiles: Int64s
    duration_ms: Int64s

    def joined(self, other: "HeaderSums") -> "HeaderSums":
        """Both, one below the other."""
        names = [field.name for field in fields(self)]
        return HeaderSums(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in names))
