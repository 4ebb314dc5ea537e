#include "redirect_service.hpp"

#include "base/text.hpp"
#include "news/queries.hpp"
#include "redirect.hpp"

namespace site {

namespace {

constexpr std::string_view articles_path = "/v1/news/";

base::Error nothing_known() {
    return {base::Reason::not_found, "path_not_found", "Nothing is known of this path."};
}

/// The article that a target names, if it is the address of one.
std::optional<news::MovedTo> article_at(std::string_view target) {
    if (!target.starts_with(articles_path)) return std::nullopt;
    target.remove_prefix(articles_path.size());
    auto slash = target.find('/');
    if (slash == target.npos) return std::nullopt;
    auto id = base::parse_number(target.substr(slash + 1), INT64_MAX);
    if (!id) return std::nullopt;
    return news::MovedTo{std::string(target.substr(0, slash)), *id};
}

}  // namespace

base::Task<RedirectsStored> RedirectService::change(std::vector<RedirectChange> changes,
                                                    Command command) {
    auto checked = check(std::move(changes));
    if (!checked) co_return checked.error();
    co_return co_await store_.change(std::move(*checked), std::move(command));
}

base::Task<std::vector<Redirect>> RedirectService::list(std::string after, std::int64_t limit,
                                                        base::Context context) const {
    co_return co_await store_.list(std::move(after), limit, std::move(context));
}

base::Task<std::vector<Redirect>> RedirectService::imported_of(std::string prefix,
                                                               std::string after,
                                                               std::int64_t limit,
                                                               base::Context context) const {
    co_return co_await store_.imported_of(std::move(prefix), std::move(after), limit,
                                          std::move(context));
}

base::Task<bool> RedirectService::is_for_readers(std::string target,
                                                 base::Deadline deadline) const {
    // Whoever asks: an address that only editors can follow would tell of a draft all the same.
    base::Context reader;
    reader.deadline = deadline;
    auto named = article_at(target);
    // What has moved to another type is found there.
    for (int places = 0; named && places < 2; ++places) {
        auto type = types_.find(named->news_type);
        if (type == types_.end()) co_return true;
        const auto& queries = *type->second.queries;
        auto id = named->id;
        auto article = co_await queries.article(id, reader);
        if (article || article.error().code != "news_not_found") co_return true;
        auto moved = co_await queries.moved_to(id, reader);
        if (!moved) co_return moved.error();
        named = *moved;
    }
    co_return false;
}

base::Task<Resolution> RedirectService::resolve(std::string path, base::Context context) const {
    auto normal = normal_path(path);
    if (!normal) {
        auto error = normal.error();
        error.message = "The path " + error.message + ".";
        co_return error;
    }
    auto deadline = context.deadline;
    auto found = co_await store_.resolve(std::move(*normal), hops_max_, std::move(context));
    if (!found || !found->to || !article_at(*found->to)) co_return found;
    auto target = *found->to;
    auto readable = co_await is_for_readers(std::move(target), deadline);
    if (!readable) co_return readable.error();
    if (!*readable) co_return nothing_known();
    co_return found;
}

}  // namespace site
