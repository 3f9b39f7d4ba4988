/** All probes: a list that can be filtered. */

import { enhanceFilters } from "../ui/filter.js";

enhanceFilters(document);
