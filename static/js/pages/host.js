import { enhanceFilters } from "../ui/filter.js";

enhanceFilters(document);
