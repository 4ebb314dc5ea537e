#include "desk_service.hpp"

#include <algorithm>

#include "base/hmac.hpp"
#include "base/problems.hpp"
#include "base/text.hpp"
#include "news/queries.hpp"
#include "preview_token.hpp"

namespace editing {

namespace {

constexpr std::size_t note_length_max = 2000;

base::Error unknown_type(const std::string& news_type) {
    return {base::Reason::not_found, "unknown_news_type",
            "There is no news type \"" + news_type + "\" here."};
}

base::Error needs_user() {
    return {base::Reason::conflict, "needs_user",
            "Unsaved work and presence are somebody's: log in, or in open mode send the cookie "
            "user_id."};
}

base::Error preview_not_found() {
    return {base::Reason::not_found, "preview_not_found",
            "This link shows nothing: it has run out or was ended, or what it showed is gone. Ask "
            "for another one."};
}

base::Result<std::string> checked_note(std::string_view given) {
    std::string text(base::trim(given));
    auto length = base::count_code_points(text);
    std::string problem;
    if (!length) {
        problem = "is not valid UTF-8";
    } else if (*length == 0) {
        problem = "must not be empty";
    } else if (*length > note_length_max) {
        problem = "has " + std::to_string(*length) + " characters, at most " +
                  std::to_string(note_length_max) + " are allowed";
    }
    if (problem.empty()) return text;
    return base::invalid_input("invalid_note", "The note cannot be taken: ", {{"text", problem}});
}

}  // namespace

const news::Queries* DeskService::queries_of(const std::string& news_type) const {
    auto found = types_.find(news_type);
    return found == types_.end() ? nullptr : found->second.queries;
}

/// Whether it is one that the actor works on: told without reading what it says.
base::Task<bool> DeskService::is_worked_on(ArticleName article, base::Context context) const {
    const auto* items = types_.at(article.news_type).items;
    if (!items) co_return false;
    std::vector<news::ArticleId> ids{article.id};
    auto found = co_await items->items_by_id(std::move(ids), std::move(context));
    if (!found) co_return found.error();
    if (found->empty()) co_return false;
    auto stage = found->front().stage;
    co_return stage != news::Stage::removed&& stage != news::Stage::killed;
}

base::Task<void> DeskService::admit(ArticleName article, base::Context context) const {
    const auto* queries = queries_of(article.news_type);
    if (!queries) co_return unknown_type(article.news_type);
    auto is_well_known = co_await is_worked_on(article, context);
    if (is_well_known && *is_well_known) co_return base::Result<void>();
    // Why not is for the article itself to say.
    auto there = co_await queries->article(article.id, context);
    if (!there) co_return there.error();
    if (context.actor.role >= base::Role::editor) co_return base::Result<void>();
    // Whoever may not see the past of an article is not its author.
    news::HistoryQuestion first;
    first.limit = 1;
    first.content = false;
    auto past = co_await queries->history(article.id, first, std::move(context));
    if (!past) co_return past.error();
    co_return base::Result<void>();
}

base::Task<std::int64_t> DeskService::admit_user(ArticleName article, base::Context context) const {
    auto user = context.actor.subject();
    auto admitted = co_await admit(std::move(article), std::move(context));
    if (!admitted) co_return admitted.error();
    if (!user) co_return needs_user();
    co_return *user;
}

base::Task<WorkingCopy> DeskService::keep(WorkingCopy copy, base::Context context) {
    auto user = co_await admit_user(copy.article, context);
    if (!user) co_return user.error();
    auto most = limits_.working_copy_bytes_max;
    if (std::ssize(copy.members) > most) {
        co_return base::Error{base::Reason::invalid, "body_too_large",
                              "Unsaved work may have " + std::to_string(most) +
                                  " bytes as JSON. Save the article, or make it smaller."};
    }
    copy.saved_at = clock_.now();
    co_return co_await stores_.working_copies.put(std::move(copy), *user, context.deadline);
}

base::Task<std::optional<WorkingCopy>> DeskService::working_copy(ArticleName article,
                                                                 base::Context context) {
    auto user = co_await admit_user(article, context);
    if (!user) co_return user.error();
    co_return co_await stores_.working_copies.find(std::move(article), *user, context.deadline);
}

base::Task<void> DeskService::discard(ArticleName article, base::Context context) {
    auto user = context.actor.subject();
    if (!queries_of(article.news_type)) co_return unknown_type(article.news_type);
    if (!user) co_return needs_user();
    // Also of an article that is not the actor's to change any more.
    co_return co_await stores_.working_copies.remove(std::move(article), *user, context.deadline);
}

base::Task<std::vector<WorkingCopy>> DeskService::working_copies(base::Context context) {
    auto user = context.actor.subject();
    if (!user) co_return needs_user();
    co_return co_await stores_.working_copies.of_user(*user, context.deadline);
}

base::Task<Note> DeskService::add_note(ArticleName article, std::string text,
                                       base::Command command) {
    auto admitted = co_await admit(article, command.context);
    if (!admitted) co_return admitted.error();
    auto checked = checked_note(text);
    if (!checked) co_return checked.error();
    co_return co_await stores_.notes.add(std::move(article), std::move(*checked),
                                         std::move(command));
}

base::Task<std::vector<Note>> DeskService::notes(ArticleName article,
                                                 std::optional<std::int64_t> before,
                                                 std::int64_t limit, base::Context context) {
    auto admitted = co_await admit(article, context);
    if (!admitted) co_return admitted.error();
    co_return co_await stores_.notes.list(std::move(article), before, limit, context.deadline);
}

base::Task<void> DeskService::remove_note(ArticleName article, std::int64_t note,
                                          base::Context context) {
    auto admitted = co_await admit(article, context);
    if (!admitted) co_return admitted.error();
    co_return co_await stores_.notes.remove(std::move(article), note, std::move(context));
}

base::Task<std::vector<Present>> DeskService::arrive(ArticleName article, base::Context context) {
    auto user = co_await admit_user(article, std::move(context));
    if (!user) co_return user.error();
    co_return presence_.arrive(article, *user, clock_.now());
}

base::Task<std::vector<Present>> DeskService::present(ArticleName article, base::Context context) {
    auto admitted = co_await admit(article, std::move(context));
    if (!admitted) co_return admitted.error();
    co_return presence_.present(article, clock_.now());
}

base::Task<void> DeskService::leave(ArticleName article, base::Context context) {
    auto user = context.actor.subject();
    if (!queries_of(article.news_type)) co_return unknown_type(article.news_type);
    if (!user) co_return needs_user();
    presence_.leave(article, *user);
    co_return base::Result<void>();
}

base::Task<PreviewLink> DeskService::link(ArticleName article, std::optional<std::int64_t> hours,
                                          base::Context context) {
    auto deadline = context.deadline;
    auto admitted = co_await admit(article, std::move(context));
    if (!admitted) co_return admitted.error();
    auto most = limits_.preview_max.count();
    if (hours && (*hours < 1 || *hours > most)) {
        std::string problem = "must be a whole number from 1 to " + std::to_string(most);
        co_return base::invalid_input("invalid_preview",
                                      "The link cannot be made: ", {{"hours", problem}});
    }
    auto key = co_await stores_.previews.key(deadline);
    if (!key) co_return key.error();
    auto now = clock_.now();
    auto life = hours ? std::chrono::hours(*hours) : limits_.preview;
    PreviewClaim claim{std::move(article), now, now + life};
    auto text = to_text(claim);
    PreviewLink made{text + '.' + preview_signature(*key, text), claim.expires_at};
    co_return made;
}

base::Task<void> DeskService::end_links(ArticleName article, base::Context context) {
    auto deadline = context.deadline;
    auto admitted = co_await admit(article, std::move(context));
    if (!admitted) co_return admitted.error();
    co_return co_await stores_.previews.end_links(std::move(article), deadline);
}

base::Task<void> DeskService::end_all_links(base::Context context) {
    co_return co_await stores_.previews.replace_key(context.deadline);
}

base::Task<Preview> DeskService::preview(std::string token, base::Context context) {
    auto parts = split(token);
    if (!parts) co_return preview_not_found();
    auto key = co_await stores_.previews.known_key(context.deadline);
    if (!key) co_return key.error();
    bool is_ours = *key && base::equal_in_constant_time(preview_signature(**key, parts->claim),
                                                        parts->signature);
    auto claim = is_ours ? claim_from(parts->claim) : std::nullopt;
    if (!claim) co_return preview_not_found();
    // The longest life may have become shorter since.
    auto expires_at = std::min(claim->expires_at, claim->made_at + limits_.preview_max);
    if (expires_at <= clock_.now()) co_return preview_not_found();
    const auto* queries = queries_of(claim->article.news_type);
    if (!queries) co_return preview_not_found();
    auto ended = co_await stores_.previews.ended(claim->article, context.deadline);
    if (!ended) co_return ended.error();
    if (*ended && claim->made_at <= **ended) co_return preview_not_found();
    // The link says that whoever has it may see what an editor sees of this one article.
    context.actor = base::Actor();
    context.actor.role = base::Role::editor;
    auto article = co_await queries->article(claim->article.id, std::move(context));
    if (!article && article.error().reason == base::Reason::not_found)
        co_return preview_not_found();
    if (!article) co_return article.error();
    Preview shown{std::move(*article), expires_at};
    co_return shown;
}

}  // namespace editing
