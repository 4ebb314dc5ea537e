#include "sitemap_routes.hpp"

#include <algorithm>

#include "http/ip_network.hpp"
#include "resilience/gather.hpp"

namespace orchestrator {

namespace {

/// What news search engines take.
constexpr std::chrono::hours news_age_max{48};
constexpr std::int64_t news_max = 1000;

base::Error sitemap_not_found() {
    return {base::Reason::not_found, "sitemap_not_found",
            "There is no such sitemap: /sitemap.xml names those that there are."};
}

base::Error too_many_sitemaps() {
    return {base::Reason::unavailable, "overloaded",
            "As many sitemaps are being made as may be at once. Try again in a moment."};
}

news::ListCursor place_of(const SitemapEntry& entry) {
    return {entry.heading.published_at, entry.heading.id, entry.news_type};
}

}  // namespace

void SitemapRoutes::add_to(http::Router& router) {
    auto add = [&](const char* pattern, Answer (SitemapRoutes::*handler)(const http::Request&)) {
        http::Route route{
            http::Method::get, pattern, http::Access::anyone,
            [this, handler](const http::Request& request) { return (this->*handler)(request); }};
        route.cached = [this](const http::Request& request) {
            const auto* page = parts_.kept(request, request.target);
            return page ? page->answer : nullptr;
        };
        router.add(std::move(route));
    };
    // Which sitemaps there are.
    add("/sitemap.xml", &SitemapRoutes::index);
    // What was published in a month: `2026-11`, or a part of it, `2026-11-2`.
    add("/sitemap-{month}.xml", &SitemapRoutes::month);
    // What was published in the last two days.
    add("/news-sitemap.xml", &SitemapRoutes::newest);
}

base::Context SitemapRoutes::context_of(const http::Request& request) const {
    auto context = request.context;
    context.deadline = context.deadline.within(parts_.config.deadline_ms);
    return context;
}

base::Task<MonthsByType> SitemapRoutes::months(NewPage& page, base::Context context) const {
    using Months = std::vector<news::Month>;
    std::vector<std::string> names;
    std::vector<base::Task<Months>> tasks;
    for (const auto& [name, type] : parts_.neighbours.types) {
        page.asks(*type.queries);
        names.push_back(name);
        tasks.push_back(type.headings->months(context));
    }
    auto answers = co_await resilience::gather<Months>(context.deadline, std::move(tasks));
    if (!answers) co_return answers.error();
    MonthsByType all;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto& one = (*answers)[i];
        if (!one) co_return one.error();
        all[names[i]] = std::move(*one);
    }
    co_return all;
}

base::Task<SitemapRoutes::Entries> SitemapRoutes::ask(Questions questions,
                                                      base::Context context) const {
    using Headings = std::vector<news::Heading>;
    std::vector<base::Task<Headings>> tasks;
    for (const auto& [name, question] : questions) {
        const auto& type = parts_.neighbours.types.at(name);
        tasks.push_back(type.headings->headings(question, context));
    }
    auto answers = co_await resilience::gather<Headings>(context.deadline, std::move(tasks));
    if (!answers) co_return answers.error();
    Entries entries;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        auto& one = (*answers)[i];
        if (!one) co_return one.error();
        for (auto& heading : *one) entries.push_back({questions[i].first, std::move(heading)});
    }
    co_return entries;
}

http::Response SitemapRoutes::answer(const http::Request& request, NewPage page, std::string body,
                                     const Entries& entries,
                                     std::optional<base::Time> until) const {
    parts_.misses->add();
    http::Response response;
    response.content_type = "application/xml; charset=utf-8";
    response.body = std::move(body);
    CachedResponse made{http::prepare(response), std::move(page.sources)};
    made.ends_at(until, parts_.clock);
    for (const auto& entry : entries) made.ends_at(entry.heading.expires_at, parts_.clock);
    response.body = made.answer;
    parts_.keep(request, std::move(page), std::move(made));
    return response;
}

SitemapRoutes::Answer SitemapRoutes::index(const http::Request& request) {
    if (!has_address()) co_return refuse(request, no_site_address());
    NewPage page{"/sitemap.xml"};
    if (const auto* before = parts_.kept(request, page.target)) co_return before->again();
    auto context = context_of(request);
    auto all = co_await months(page, std::move(context));
    if (!all) co_return refuse(request, all.error());
    auto parts = parts_of(*all, parts_.config.sitemap_urls);
    auto body = sitemap_index_of(parts_.neighbours.pages, parts);
    Entries entries;
    co_return answer(request, std::move(page), std::move(body), entries, std::nullopt);
}

SitemapRoutes::Answer SitemapRoutes::month(const http::Request& request) {
    if (!has_address()) co_return refuse(request, no_site_address());
    auto part = parse_sitemap_name(request.parameter("month"));
    if (!part) co_return refuse(request, sitemap_not_found());
    NewPage page{"/sitemap-" + name_of(*part) + ".xml"};
    if (const auto* before = parts_.kept(request, page.target)) co_return before->again();
    // One takes some MiB while it is made.
    auto slot = making_.take(http::client_of(request.peer));
    if (!slot) co_return refuse(request, too_many_sitemaps());
    auto context = context_of(request);
    auto all = co_await months(page, context);
    if (!all) co_return refuse(request, all.error());
    auto slices = slices_of(*all, *part, parts_.config.sitemap_urls);
    if (slices.empty()) co_return refuse(request, sitemap_not_found());
    auto after = news::month_after(part->month);
    Questions questions;
    for (const auto& slice : slices) {
        news::HeadingsQuestion question;
        question.since = news::begin_of_month(part->month);
        if (after) question.before = news::begin_of_month(*after);
        question.skip = slice.skip;
        question.limit = slice.limit;
        questions.emplace_back(slice.news_type, question);
    }
    auto entries = co_await ask(std::move(questions), std::move(context));
    if (!entries) co_return refuse(request, entries.error());
    auto body = sitemap_of(parts_.neighbours.pages, *entries);
    co_return answer(request, std::move(page), std::move(body), *entries, std::nullopt);
}

SitemapRoutes::Answer SitemapRoutes::newest(const http::Request& request) {
    if (!has_address()) co_return refuse(request, no_site_address());
    NewPage page{"/news-sitemap.xml"};
    if (const auto* before = parts_.kept(request, page.target)) co_return before->again();
    Questions questions;
    for (const auto& [name, type] : parts_.neighbours.types) {
        page.asks(*type.queries);
        news::HeadingsQuestion question;
        question.since = parts_.clock.now() - news_age_max;
        question.limit = news_max;
        questions.emplace_back(name, question);
    }
    auto context = context_of(request);
    auto entries = co_await ask(std::move(questions), std::move(context));
    if (!entries) co_return refuse(request, entries.error());
    std::sort(entries->begin(), entries->end(), [](const auto& a, const auto& b) {
        return news::comes_before(place_of(a), place_of(b));
    });
    if (std::ssize(*entries) > news_max) entries->resize(static_cast<std::size_t>(news_max));
    std::optional<base::Time> until;
    if (!entries->empty()) until = entries->back().heading.published_at + news_age_max;
    auto body = news_sitemap_of(parts_.neighbours.pages, *entries);
    co_return answer(request, std::move(page), std::move(body), *entries, until);
}

}  // namespace orchestrator
