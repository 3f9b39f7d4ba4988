/** One's own tokens: the table is sorted and filtered in the page. */

import { enhanceFilters } from "../ui/filter.js";
import { enhanceSorting } from "../ui/sortable-table.js";

enhanceSorting(document);
enhanceFilters(document);
