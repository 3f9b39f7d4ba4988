/** What can be watched on a host: a list that can be filtered and sorted. */

import { enhanceFilters } from "../ui/filter.js";
import { enhanceSorting } from "../ui/sortable-table.js";

enhanceSorting(document);
enhanceFilters(document);
