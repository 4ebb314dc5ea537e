#include "news/verify.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "archive_check_service.hpp"
#include "archived_store.hpp"
#include "article_store.hpp"
#include "block_store.hpp"
#include "bus/archive.hpp"
#include "bus/chain.hpp"
#include "bus/log.hpp"
#include "bus/store_inbox.hpp"
#include "count_store.hpp"
#include "database/store_file.hpp"
#include "event_json.hpp"
#include "list_check_service.hpp"
#include "list_store.hpp"
#include "month_store.hpp"
#include "name_store.hpp"
#include "news/instance.hpp"
#include "rebuild.hpp"
#include "slug_store.hpp"
#include "version_store.hpp"
#include "workflow_store.hpp"

namespace news {

namespace {

constexpr std::size_t problems_max = 100;
constexpr std::int64_t rows_at_once = 500;
/// What one snapshot is good for.
constexpr std::int64_t articles_at_once = 500;
constexpr std::int64_t events_at_once = 2000;
constexpr std::int64_t told_every = 5000;

using Progress = std::function<void(std::int64_t, std::int64_t)>;

void complain(VerifyReport& report, std::string problem) {
    if (report.problems.size() < problems_max) report.problems.push_back(std::move(problem));
}

// Whoever reads a store keeps its server from emptying the write-ahead log, so everything is read
// in parts, each in a snapshot of its own: positions and ids rise, and a part goes on behind the
// last.

void check_chain(database::StoreReader& commands, const std::filesystem::path& file,
                 VerifyReport& report, const Progress& progress) {
    bus::ArchivedBodies bodies(file);
    auto followed = bus::follow_chain(commands, progress, &bodies);
    report.events = followed.events;
    report.set_back = followed.set_back;
    for (const auto& problem : followed.problems) complain(report, "log: " + problem);
    check_archives(commands, file, report);
}

/// The view's rows in order of id, a few at a time.
class Rows {
public:
    Rows(const ArticleStore& store, ArticleId after) : store_(store), last_(after) {}
    const ArticleRow* peek() {
        if (at_ == rows_.size() && !end_) {
            rows_ = store_.all_after(last_, rows_at_once);
            at_ = 0;
            end_ = rows_.empty();
            if (!end_) last_ = rows_.back().article.id;
        }
        return end_ ? nullptr : &rows_[at_];
    }
    void next() { ++at_; }

private:
    const ArticleStore& store_;
    ArticleId last_;
    std::vector<ArticleRow> rows_;
    std::size_t at_ = 0;
    bool end_ = false;
};

/// Compares folded streams, which come in order of id, with the rows of the view behind `after`.
class Comparison {
public:
    /// `owed`: articles that the log and the view have moved apart, which the next start settles.
    Comparison(database::ReadTransaction& view, Slot slot, const ArticleStore& store,
               std::string type, ArticleId after, std::vector<ArticleId> owed, VerifyReport& report)
        : view_(view),
          slot_(slot),
          rows_(store, after),
          type_(std::move(type)),
          owed_(std::move(owed)),
          lists_(view, slot, store),
          has_workflow_(has_workflow(view)),
          report_(report) {}

    void expect(ArticleRow expected) {
        auto& article = expected.article;
        article.news_type = type_;
        surplus(article.id);
        const auto* row = rows_.peek();
        std::string name = "article " + std::to_string(article.id);
        if (is_owed(article.id)) {
            if (row && row->article.id == article.id) rows_.next();
            slugs_.clear();
            ++report_.articles;
            return;
        }
        if (!row || row->article.id != article.id) {
            complain(report_, "view: " + name + " is missing");
        } else {
            // From before slugs or metadata, in a file that no start has filled in yet.
            if (row->article.slug.empty()) leave_names_out(expected);
            if (*row != expected) complain(report_, "view: " + name + " is not what the log says");
            if (!row->article.slug.empty()) check_slugs(article);
            if (has_workflow_ && !is_stored_as(view_, slot_, article)) {
                complain(report_,
                         "view: " + name + " is shown, or waits, otherwise than it should");
            }
            rows_.next();
        }
        slugs_.clear();
        ++report_.articles;
        for (auto& missing : lists_.missing(article)) {
            complain(report_, "view: " + name + " is not in " + missing);
        }
    }

    /// The article that is to be expected next had that slug at an earlier version.
    void note_slug(const std::string& slug) { slugs_.insert(slug); }

    void check_slugs(const Article& article) {
        for (const auto& slug : slugs_) {
            if (slug == article.slug || had_slug(view_, slot_, slug, article.id)) continue;
            complain(report_, "view: article " + std::to_string(article.id) +
                                  " is not found by its earlier slug " + slug);
        }
    }

    static void leave_names_out(ArticleRow& row) {
        row.article.slug.clear();
        row.article.extra.clear();
        row.article.legacy_id.clear();
        row.article.content_format = ContentFormat::text;
        row.article.metadata = {};
        row.moved_to.reset();
    }

    /// What the view has up to here and the log has not.
    void surplus(ArticleId before) {
        for (const auto* row = rows_.peek(); row && row->article.id < before; row = rows_.peek()) {
            if (!is_owed(row->article.id)) {
                complain(report_, "view: article " + std::to_string(row->article.id) +
                                      " is not in the log, or is archived");
            }
            rows_.next();
        }
    }

private:
    bool is_owed(ArticleId id) const { return std::binary_search(owed_.begin(), owed_.end(), id); }

    database::ReadTransaction& view_;
    Slot slot_;
    Rows rows_;
    std::string type_;
    const std::vector<ArticleId> owed_;
    const ListMembers lists_;
    const bool has_workflow_;
    VerifyReport& report_;
    std::set<std::string> slugs_;
};

/// Compares the folded streams with what is stored beside the log: states, and slugs that are
/// taken.
class StateComparison {
public:
    StateComparison(database::ReadTransaction& log, VerifyReport& report)
        : log_(log), report_(report), has_states_(has_states(log)) {}

    void expect(ArticleId id, const Recorded& recorded) {
        if (!has_states_) return;
        const auto* slug = slug_in(recorded.event);
        if (slug && !is_kept(log_, *slug, id)) {
            complain(report_, "slugs: " + *slug + " of article " + std::to_string(id) +
                                  " is not kept as taken");
        }
        if (id != state_.id) {
            state_ = ArticleState{};
            stored_ = stored_states(log_, id);
            at_ = 0;
        }
        state_ = apply(std::move(state_), id, recorded);
        if (at_ == stored_.size() || stored_[at_].version != state_.version) return;
        if (stored_[at_] != state_) {
            complain(report_, "state: article " + std::to_string(id) + " at version " +
                                  std::to_string(state_.version) + " is not what the log says");
        }
        ++at_;
    }

private:
    database::ReadTransaction& log_;
    VerifyReport& report_;
    bool has_states_;
    ArticleState state_;
    std::vector<ArticleState> stored_;
    std::size_t at_ = 0;
};

/// A check of a view against its log, part by part.
class ViewCheck {
public:
    ViewCheck(database::StoreReader& commands, database::StoreReader& queries, std::string type,
              VerifyReport& report, const Progress& progress)
        : commands_(commands),
          queries_(queries),
          type_(std::move(type)),
          report_(report),
          progress_(progress) {}

    void run() {
        while (check_part()) {
        }
        check_lists(queries_, type_, report_);
        check_counts();
        queries_.release();
        for (std::optional<TakenSlug> last = TakenSlug{}; last;) last = check_slugs_after(*last);
    }

private:
    database::ReadTransaction& refresh_view() {
        auto& view = queries_.refresh();
        slot_ = active_slot(view);
        return view;
    }

    /// In one look, since counts and articles change together.
    void check_counts() {
        auto& view = refresh_view();
        if (!has_counts(view)) return;
        auto kept = read_counts(view, slot_);
        bool are_right = !kept || *kept == recount(view, slot_);
        are_right = are_right && blocks_are_right(view, slot_);
        if (!are_right || has_wrong_months(view, slot_)) {
            complain(report_, "view: the kept numbers of articles are not those that are there");
        }
        for (const auto& list : wrong_list_counts(view, slot_)) {
            complain(report_, "view: the kept number of articles of " + list.tag + list.author +
                                  list.language + " is not that which is there");
        }
    }

    /// False when nothing is left.
    bool check_part() {
        // The view first: a running server may go on, but the log then has at least what it has.
        auto& view = refresh_view();
        auto cursor = bus::read_cursor(view, view_subscription).position;
        auto& log = commands_.refresh();
        ArticleStore store(view, slot_, type_, has_names(view) && has_workflow(view));
        std::vector<ArticleId> owed;
        if (has_states(log)) owed = view_debts(log);
        Comparison comparison(view, slot_, store, type_, last_, std::move(owed), report_);
        StateComparison states(log, report_);
        bool any_archived = bus::has_archives(log);
        std::optional<ArticleRow> article;
        std::int64_t articles = 0;
        std::int64_t events = 0;
        bool ended = true;
        bus::read_streams(log, cursor, last_, [&](const bus::Event& event) {
            if (article && article->article.id != event.stream) {
                last_ = article->article.id;
                comparison.expect(std::move(*article));
                article.reset();
                ended = ++articles < articles_at_once && events < events_at_once;
                if (!ended) return false;
            }
            if (any_archived && bus::archive_of(log, event.stream)) {
                ended = ++events < events_at_once;
                if (ended) return true;
                last_ = event.stream;
                comparison.surplus(last_ + 1);
                return false;
            }
            try {
                auto recorded = recorded_of(event);
                if (article) comparison.note_slug(article->article.slug);
                article = apply(article.value_or(ArticleRow{}), event.stream, recorded);
                states.expect(event.stream, recorded);
            } catch (const std::exception& failure) {
                complain(report_, "log: the event at position " + std::to_string(event.position) +
                                      " cannot be read: " + failure.what());
            }
            ++events;
            if (++done_ % told_every == 0) progress_(done_, cursor);
            return true;
        });
        if (!ended) return true;
        if (article) comparison.expect(std::move(*article));
        comparison.surplus(std::numeric_limits<ArticleId>::max());
        return false;
    }

    /// Nothing if they cannot be read: the log's own check has told of it.
    static std::optional<std::set<std::string>> brought_slugs(database::ReadTransaction& log,
                                                              ArticleId id) {
        try {
            return slugs_in_log(log, id);
        } catch (const database::Failure&) {
            throw;
        } catch (const std::exception&) {
            return std::nullopt;
        }
    }

    /// Slugs that nobody has or had, and that nobody else can have either. Gives the last one
    /// looked at; nothing if there are no more.
    std::optional<TakenSlug> check_slugs_after(const TakenSlug& last) {
        auto& log = commands_.refresh();
        if (!has_states(log)) return std::nullopt;
        auto part = taken_after(log, last, rows_at_once);
        // Each article's events are read once for all of its slugs here.
        std::map<ArticleId, std::vector<std::string>> by_article;
        for (const auto& taken : part) by_article[taken.id].push_back(taken.slug);
        for (const auto& [id, slugs] : by_article) {
            auto brought = brought_slugs(log, id);
            for (const auto& slug : slugs) {
                if (!brought || brought->contains(slug)) continue;
                complain(report_, "slugs: " + slug + " is kept as taken by article " +
                                      std::to_string(id) + ", which never had it");
            }
        }
        if (part.empty()) return std::nullopt;
        return std::move(part.back());
    }

    database::StoreReader& commands_;
    database::StoreReader& queries_;
    std::string type_;
    VerifyReport& report_;
    const Progress& progress_;
    Slot slot_ = Slot::a;
    ArticleId last_ = 0;
    std::int64_t done_ = 0;
};

void check_stores(const std::vector<database::StoreFile>& files, const std::string& type,
                  VerifyReport& report, const Progress& progress) {
    database::StoreReader commands(files[0]);
    auto warn = [&report](database::StoreReader& store, const char* which) {
        auto warning = store.warning();
        if (!warning.empty()) report.warnings.push_back(which + warning);
    };
    warn(commands, "command store: ");
    for (auto& problem : commands.check()) complain(report, "command store: " + problem);
    std::error_code unknown;
    if (!std::filesystem::exists(files[1].path, unknown) && !unknown) {
        // As in a folder that was restored: the next start makes it from the log.
        report.behind = bus::read_head_position(commands.refresh());
        check_chain(commands, files[0].path, report, progress);
        return;
    }
    database::StoreReader queries(files[1]);
    warn(queries, "query store: ");
    for (auto& problem : queries.check()) complain(report, "query store: " + problem);

    auto cursor = bus::read_cursor(queries.refresh(), view_subscription);
    auto head = bus::read_head_position(commands.refresh());
    queries.release();
    report.behind = head - cursor.position;
    if (cursor.position > head) {
        complain(report,
                 "view: it is ahead of the log: the log is older than the view, or another");
    } else if (!bus::has_cursor(commands.refresh(), cursor)) {
        complain(report, "view: the log that it was made from is not this one");
    }
    check_chain(commands, files[0].path, report, progress);
    ViewCheck(commands, queries, type, report, progress).run();
}

}  // namespace

VerifyReport verify(const std::filesystem::path& folder, const std::string& type,
                    const Progress& progress) {
    VerifyReport report;
    try {
        check_stores(store_files(folder, type), type, report, progress);
    } catch (const database::Failure& failure) {
        complain(report, failure.what());
    }
    return report;
}

}  // namespace news
