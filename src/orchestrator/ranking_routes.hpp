#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cache.hpp"
#include "http/router.hpp"
#include "news_routes.hpp"
#include "ranked_json.hpp"
#include "recommendation/rankings.hpp"
#include "resilience/dependency.hpp"

namespace orchestrator {

/// What to read next: asks for a ranking, looks up its items, answers them whole. Where there is no
/// ranking in time, or none for that reader, a front page is the plain one, and says so.
/// Thread-safe.
class RankingRoutes {
public:
    RankingRoutes(Shared& parts, ReadRoutes& read, telemetry::Metrics& metrics);
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;
    using List = std::vector<recommendation::Recommended>;
    /// A list of which further pages may be asked for.
    struct KeptList {
        std::optional<std::int64_t> reader{};
        base::Clock::Moment until{};
        std::shared_ptr<const List> list;
    };
    /// How a front page is wanted.
    struct PageQuestion {
        std::int64_t limit = 0;
        std::vector<std::string> fields{};
        bool explain = false;
        std::string cursor{};
    };
    /// What a reader does not want to see; nothing: that is not known.
    using Unwanted = std::shared_ptr<const recommendation::RankedList>;
    static bool is_unwanted(const Unwanted& unwanted, const news::Article& article);
    /// A kept list, and from where on.
    struct Place {
        std::string name;
        std::size_t from = 0;
    };
    Answer for_me(const http::Request& request);
    Answer session(const http::Request& request);
    Answer next(const http::Request& request);
    Answer similar(const http::Request& request);
    Answer trending(const http::Request& request);
    Answer about(const http::Request& request, bool is_next);

    base::Result<PageQuestion> page_question(const http::Request& request) const;
    static std::optional<Place> place_in(const std::string& cursor);
    std::shared_ptr<const List> kept(const Place& place, const base::Context& context);
    std::string keep(std::shared_ptr<const List> list, const base::Context& context);
    /// A page of a ranked list; `name`: of the kept one, empty if there is none yet.
    Answer ranked_page(const http::Request& request, PageQuestion question,
                       std::shared_ptr<const List> list, Place place, bool has_pages,
                       Unwanted unwanted);
    /// The first page of what was ranked, or the plain one.
    Answer first_page(const http::Request& request, PageQuestion question,
                      base::Result<recommendation::RankedList> ranked, bool has_pages);
    Answer plain_page(const http::Request& request, PageQuestion question, bool has_pages,
                      Unwanted unwanted);
    /// Items of the list from there on, as many as are wanted and can be read; moves `from`.
    base::Task<RankedListing> items_of(std::shared_ptr<const List> list, std::size_t& from,
                                       std::int64_t most, base::Context context) const;
    /// The newest, behind that place.
    base::Task<Listing> newest(std::optional<news::ListCursor> after, std::int64_t limit,
                               base::Context context) const;
    /// An answer that is the same for everybody, and kept for a while.
    Answer shared_list(const http::Request& request, NewPage page, List list,
                       std::vector<std::string> fields);
    std::optional<http::Response> again(const http::Request& request, const std::string& target);
    NewPage new_page(std::string target) const;
    base::Context context_of(const http::Request& request) const;
    /// The same for a question to the ranking, which is waited for less long.
    base::Context ranking_context(base::Context context) const;

    Shared& parts_;
    ReadRoutes& read_;
    const recommendation::Rankings& rankings_;
    const resilience::Dependency dependency_;
    base::Cache<std::string, KeptList> lists_;
    telemetry::Counter& personal_;
    telemetry::Counter& plain_;
    telemetry::Counter& late_;
};

}  // namespace orchestrator
