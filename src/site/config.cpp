#include "site/module.hpp"

namespace site {

namespace {

void describe_pages(config::Section& section, Pages& pages) {
    section.text("name", pages.name, "What the site is called, in feeds and sitemaps.");
    section.text("description", pages.description, "What it is, in a sentence.");
    section.text("language", pages.language, "The language of the site, as en or pt-BR.");
    section.text("copyright", pages.copyright, "Whose the articles are.");
    section.choice("access", pages.access, {"", "free", "paid"},
                   "Whether articles may be read for free, as machines are told.");
    section.text("paid_part", pages.paid_part,
                 "The part of a page that is paid for, as a CSS selector: .paid.");
    section.text(
        "address", pages.address,
        "Where readers find the site, as https://example.org; feeds and sitemaps need it.");
    section.text("page", pages.page,
                 "Where readers find an article there: {type}, {slug} and {id} stand for its own.");
    auto is_name = [&](std::string_view scheme) {
        return pages.address.starts_with(scheme) && pages.address.size() > scheme.size();
    };
    bool is_address = (is_name("https://") || is_name("http://")) &&
                      pages.address.find_first_of(" \t\"<>?#") == std::string::npos &&
                      !pages.address.ends_with('/');
    if (!pages.address.empty() && !is_address) {
        section.refuse("address",
                       "expected an address as https://example.org, without a / at its "
                       "end.");
    }
    bool has_own = pages.page.find("{slug}") != std::string::npos ||
                   pages.page.find("{id}") != std::string::npos;
    bool is_page =
        pages.page.starts_with('/') && pages.page.find_first_of(" \t\"<>") == std::string::npos;
    if (!is_page || !has_own) {
        section.refuse("page", "expected a path with {slug} or {id} in it, as /{type}/{slug}.");
    }
}

void describe_robots(config::Section& section, Robots& robots) {
    section.list("disallow", robots.disallow, "Paths of the site that no robot is to fetch.");
    section.list("blocked", robots.blocked, "Robots that are to fetch nothing, as GPTBot.");
    section.text("content_signal", robots.content_signal,
                 "What may be done with what is fetched, as search=yes, ai-input=no, ai-train=no.");
    section.text("license", robots.license,
                 "Where the license for machines is (RSL), as https://example.org/license.xml.");
    if (auto fault = fault_of(robots)) section.refuse(fault->key, fault->sentence);
}

}  // namespace

void describe(config::Section& section, Config& config) {
    describe_pages(section, config.pages);
    describe_robots(section.section("robots", "What /robots.txt says, beside where sitemaps are."),
                    config.robots);
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
