#include "site/module.hpp"

namespace site {

void describe(config::Section& section, Config& config) {
    section.integer("redirects_max", config.redirects_max, {0, 100000000},
                    "Redirects of old addresses that there may be.");
    section.integer("redirect_hops_max", config.redirect_hops_max, {1, 100},
                    "How many redirects that lead to one another are followed for one answer.");
    section.integer("lists_max", config.lists_max, {0, 10000},
                    "Names that curated lists may have, with those of removed lists, whose history "
                    "stays.");
    describe(section.section("database", "Limits of site.db."), config.database);
}

}  // namespace site
