/** The host page: its table of processes can be filtered. */

import { enhanceFilters } from "../ui/filter.js";

enhanceFilters(document);
