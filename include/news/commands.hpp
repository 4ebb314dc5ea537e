#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/command.hpp"
#include "base/context.hpp"
#include "base/task.hpp"
#include "news/article.hpp"
#include "news/imported.hpp"
#include "news/revision.hpp"
#include "news/workflow.hpp"

namespace news {

struct CreateInBatch;
struct ReviseInBatch;
struct PublishInBatch;
struct UnpublishInBatch;
struct RemoveInBatch;
using BatchCommand =
    std::variant<CreateInBatch, ReviseInBatch, PublishInBatch, UnpublishInBatch, RemoveInBatch>;

/// The members of an article that its author decides.
struct NewArticle {
    std::string title;
    std::string description;
    std::string content;
    std::string author;
    std::vector<std::string> tags;
    bool draft = false;                        ///< keep it unpublished
    std::optional<base::Time> published_at{};  ///< past: kept; future: scheduled
    std::optional<std::string> source_id{};    ///< only of imports
    std::string slug{};                        ///< empty: made from the title
    std::string extra{};                       ///< a JSON object; empty: none
    ContentFormat content_format = ContentFormat::text;
    bool publish = false;                       ///< it was said in words that it is to be published
    std::optional<base::Time> embargo_until{};  ///< past: none
    std::optional<base::Time> expires_at{};     ///< lies ahead, but of imports
    Metadata metadata{};
    // Only of imports:
    std::string legacy_id{};                 ///< `model:pk`; empty: none
    std::optional<ArticleId> id{};           ///< taken if nothing has it yet
    std::optional<std::int64_t> owner{};     ///< the user who may act on it as its author
    std::optional<base::Time> created_at{};  ///< nothing: when it is imported, or updated_at
    std::optional<base::Time> updated_at{};
    std::optional<std::int64_t> updated_by{};  ///< the user who made what is there now
};

/// A new article that keeps the rules, its tags trimmed and without repetitions: made by check()
/// alone, so that nothing is checked twice.
class CheckedArticle {
public:
    const NewArticle& operator*() const { return article_; }
    const NewArticle* operator->() const { return &article_; }
    /// What its content lost.
    const std::vector<Dropped>& dropped() const { return dropped_; }

private:
    friend base::Result<CheckedArticle> check(NewArticle article,
                                              const std::vector<std::string>& embeds);
    friend base::Result<CheckedArticle> check_imported(NewArticle article);
    explicit CheckedArticle(NewArticle article, std::vector<Dropped> dropped = {})
        : article_(std::move(article)), dropped_(std::move(dropped)) {}

    NewArticle article_;
    std::vector<Dropped> dropped_;
};

/// A state that an imported article had before the one it has now.
struct EarlierVersion {
    base::Time at{};
    std::optional<std::int64_t> actor{};  ///< the user who made it
    std::string title;
    std::string description;
    std::string content;
    std::string author;
    std::vector<std::string> tags;
    Publication publication{};
    std::string extra{};
    ContentFormat content_format = ContentFormat::text;
    Metadata metadata{};
};

/// One item of an import: see import_item() in news/importer.hpp.
struct ImportItem {
    CheckedArticle article;  ///< has a source_id
    std::string hash;        ///< of all that its line says: another one is a changed item
    std::vector<EarlierVersion> history{};  ///< oldest first
    bool theirs = false;  ///< what its source says counts, also over what was changed here
    /// What its HTML lost, as `script`, `link`: each kind once, by name.
    std::vector<std::string> dropped{};
};

using base::Command;
using base::Expected;
using base::IdempotencyKey;

/// What one may have done with one news type. Each command appends exactly one event and gives the
/// article as it is after it; none reads more of an article the longer its history is; the answer
/// comes when the event is durable and, if it takes no longer than the configured wait, visible to
/// queries. Thread-safe.
///
/// Refused: `invalid_news` (all problems at once), `news_not_found` (also for what the actor may
/// not know of), `forbidden` (another author's published article), `version_conflict` with
/// current_version, `precondition_failed`, `already_published`, `not_published`,
/// as the workflow of the type says (`no_review`, `not_a_draft`, `not_in_review`, `killed`),
/// `slug_taken` (another article has it, or had it once), `article_history_full` (never a removal
/// or an unpublishing), `idempotency_key_reused`, and as database::Database::write is.
class Commands {
public:
    virtual ~Commands() = default;

    virtual base::Task<Article> create(NewArticle article, Command command) = 0;
    /// `command.expected` must be there, else `precondition_required`.
    virtual base::Task<Article> revise(ArticleId id, Revision revision, Command command) = 0;
    /// At `at` if that is in the future, else now; a past `at` is kept as the time of publication.
    virtual base::Task<Article> publish(ArticleId id, std::optional<base::Time> at,
                                        Command command) = 0;
    virtual base::Task<Article> unpublish(ArticleId id, Command command) = 0;
    /// Gives the version that it was removed with.
    virtual base::Task<Version> remove(ArticleId id, Command command) = 0;
    /// The state of version `version` as a new version, also of a removed article.
    virtual base::Task<Article> restore(ArticleId id, Version version, Command command) = 0;
    /// submit, withdraw, approve, hand_back, correct or kill.
    virtual base::Task<Article> take(ArticleId id, Step step, Remark remark, Command command) = 0;
    /// All of them in one transaction, or none: see news/batch.hpp. Gives the articles in the order
    /// of their commands. Refused as the first of them is that cannot be carried out; the details
    /// name it, as `commands[3]`. An article may be in it again; it then stands where the command
    /// before has left it.
    virtual base::Task<std::vector<Article>> batch(std::vector<BatchCommand> batch,
                                                   Command command) = 0;
    /// Appends those whose source_id is new, and what changed of the others, in one transaction.
    virtual base::Task<Imported> import(std::vector<ImportItem> items, base::Context context) = 0;
};

/// What the rules say of an article before it is created; `invalid_news` with all problems. Its
/// content is as it will be stored: html is cleaned, with iframes of the hosts in `embeds` alone,
/// and markdown becomes html. Pure.
base::Result<CheckedArticle> check(NewArticle article, const std::vector<std::string>& embeds = {});

/// The same for one of an import, which has a source_id: what is only too long is taken whole, up
/// to 4 MiB of content, but for the author. A later edit of such a member must fit.
base::Result<CheckedArticle> check_imported(NewArticle article);

}  // namespace news
