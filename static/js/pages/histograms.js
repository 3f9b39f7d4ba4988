/** Which histograms of a host can be watched: a list that can be filtered. */

import { enhanceFilters } from "../ui/filter.js";

enhanceFilters(document);
