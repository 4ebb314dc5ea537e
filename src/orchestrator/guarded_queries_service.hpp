#pragma once

#include <chrono>
#include <string>

#include "host/environment.hpp"
#include "news/types.hpp"
#include "resilience/dependency.hpp"
#include "telemetry/spans.hpp"

namespace orchestrator {

/// One news type, as whoever asks it from here sees it: a question ends after `longest` whether or
/// not the type answers, and is refused at once while the type is given rest (`circuit_open`).
/// Thread-safe; what the type refers to outlives it.
class GuardedQueriesService final : public news::Queries,
                                    public news::Items,
                                    public news::Headings {
public:
    /// What the type has not, nobody asks.
    GuardedQueriesService(const std::string& news_type, const news::Type& type,
                          std::chrono::milliseconds longest,
                          const resilience::CircuitBreakerConfig& breaker,
                          const host::Environment& environment)
        : inner_(*type.queries),
          items_(type.items),
          headings_(type.headings),
          longest_(longest),
          dependency_("news:" + news_type, breaker, environment.metrics, environment.clock) {}

    std::string warning() const { return dependency_.warning(); }

    // What is in memory, and cannot hang.
    std::optional<news::Generation> generation() const override { return inner_.generation(); }
    bool lists_authors() const override { return inner_.lists_authors(); }

    base::Task<news::Article> article(news::ArticleId id, base::Context context) const override;
    base::Task<std::vector<news::Article>> several(std::vector<news::ArticleId> ids,
                                                   base::Context context) const override;
    base::Task<std::vector<news::Article>> page(std::int64_t page, std::int64_t limit,
                                                base::Context context) const override;
    base::Task<std::vector<news::Article>> list(std::optional<news::ListCursor> after,
                                                std::int64_t limit,
                                                base::Context context) const override;
    base::Task<std::vector<news::Article>> tagged(std::string tag,
                                                  std::optional<news::ListCursor> after,
                                                  std::int64_t limit,
                                                  base::Context context) const override;
    base::Task<std::vector<news::ListCursor>> places(news::PlacesQuestion question,
                                                     base::Context context) const override;
    base::Task<std::vector<news::Article>> part(news::PlacesQuestion question,
                                                news::Contents contents,
                                                base::Context context) const override;
    base::Task<std::int64_t> count(news::ListFilter filter, base::Context context) const override;
    base::Task<news::SlugMatch> by_slug(std::string slug, base::Context context) const override;
    base::Task<news::ArticleId> by_legacy_id(std::string legacy_id,
                                             base::Context context) const override;
    base::Task<std::optional<news::MovedTo>> moved_to(news::ArticleId id,
                                                      base::Context context) const override;
    base::Task<news::StateCounts> counts(base::Context context) const override;
    base::Task<news::HistoryPage> history(news::ArticleId id, news::HistoryQuestion question,
                                          base::Context context) const override;
    base::Task<news::Article> version(news::ArticleId id, news::Version version,
                                      base::Context context) const override;
    base::Task<news::Article> as_of(news::ArticleId id, base::Time time,
                                    base::Context context) const override;

    base::Task<news::ItemsPage> items(news::ItemsQuestion question,
                                      base::Context context) const override;
    base::Task<std::vector<news::Item>> items_by_id(std::vector<news::ArticleId> ids,
                                                    base::Context context) const override;
    base::Task<news::ItemCounts> item_counts(bool mine, base::Context context) const override;

    base::Task<std::vector<news::Heading>> headings(news::HeadingsQuestion question,
                                                    base::Context context) const override;
    base::Task<std::vector<news::Month>> months(base::Context context) const override;

private:
    template <class T, class... Wanted, class... Given>
    base::Task<T> ask(base::Task<T> (news::Queries::*question)(Wanted...) const,
                      base::Context context, Given... given) const {
        return ask_of(inner_, question, std::move(context), std::move(given)...);
    }
    template <class T, class Side, class... Wanted, class... Given>
    base::Task<T> ask_of(const Side& inner, base::Task<T> (Side::*question)(Wanted...) const,
                         base::Context context, Given... given) const {
        context.deadline = context.deadline.within(longest_);
        auto deadline = context.deadline;
        telemetry::SpanTimer span(context.trace, dependency_.name(), telemetry::SpanKind::internal);
        context.trace = span.trace();
        auto asked = dependency_.ask<T>(deadline,
                                        (inner.*question)(std::move(given)..., std::move(context)));
        if (!span.is_kept()) return asked;
        return timed<T>(std::move(span), std::move(asked));
    }
    template <class T>
    static base::Task<T> timed(telemetry::SpanTimer span, base::Task<T> asked) {
        auto answer = co_await std::move(asked);
        if (!answer) {
            auto reason = answer.error().reason;
            bool failed = reason == base::Reason::unavailable || reason == base::Reason::deadline;
            span.add("error.type", answer.error().code);
            if (failed) span.failed();
        }
        co_return answer;
    }

    const news::Queries& inner_;
    const news::Items* const items_;
    const news::Headings* const headings_;
    const std::chrono::milliseconds longest_;
    const resilience::Dependency dependency_;
};

}  // namespace orchestrator
