#pragma once

#include <string>
#include <vector>

#include "news_routes.hpp"
#include "resilience/fair_slots.hpp"
#include "sitemap.hpp"

namespace orchestrator {

/// Sitemaps: of months, by what is kept of them, and of what is new. What a type does not answer
/// is refused as a whole, since what is left out of a sitemap is taken for gone.
class SitemapRoutes {
public:
    explicit SitemapRoutes(Shared& parts) : parts_(parts), making_(parts.config.sitemaps_at_once) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;
    using Entries = std::vector<SitemapEntry>;

    Answer index(const http::Request& request);
    Answer month(const http::Request& request);
    Answer newest(const http::Request& request);

    bool has_address() const { return !parts_.neighbours.pages.address.empty(); }
    /// Of all types, whose generations the page is told.
    base::Task<MonthsByType> months(NewPage& page, base::Context context) const;
    /// One question to each of some types.
    using Questions = std::vector<std::pair<std::string, news::HeadingsQuestion>>;
    base::Task<Entries> ask(Questions questions, base::Context context) const;
    base::Context context_of(const http::Request& request) const;
    http::Response answer(const http::Request& request, NewPage page, std::string body,
                          const Entries& entries, std::optional<base::Time> until) const;

    Shared& parts_;
    resilience::FairSlots making_;  ///< those of months
};

}  // namespace orchestrator
