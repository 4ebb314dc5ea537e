#include "news/verify.hpp"

#include <algorithm>

#include "article_store.hpp"
#include "bus/log.hpp"
#include "bus/subscription.hpp"
#include "event_json.hpp"
#include "rebuild.hpp"
#include "version_store.hpp"

namespace news {

namespace {

constexpr std::size_t problems_max = 100;
constexpr std::int64_t rows_at_once = 500;
constexpr std::int64_t told_every = 5000;

using Progress = std::function<void(std::int64_t, std::int64_t)>;

void complain(VerifyReport& report, std::string problem) {
    if (report.problems.size() < problems_max) report.problems.push_back(std::move(problem));
}

void check_chain(database::ReadTransaction& log, VerifyReport& report, std::int64_t total,
                 const Progress& progress) {
    bus::ChainCheck chain;
    bus::read_log(log, 0, [&](const bus::Event& event, const bus::Hash& hash) {
        auto problem = chain.next(event, hash);
        if (!problem.empty()) complain(report, "log: " + problem);
        if (++report.events % told_every == 0) progress(report.events, total);
        return true;
    });
}

/// The view's rows in order of id, a few at a time.
class Rows {
public:
    explicit Rows(const ArticleStore& store) : store_(store) {}
    const ArticleRow* peek() {
        if (at_ == rows_.size() && !end_) {
            rows_ = store_.all_after(rows_.empty() ? 0 : rows_.back().article.id, rows_at_once);
            at_ = 0;
            end_ = rows_.empty();
        }
        return end_ ? nullptr : &rows_[at_];
    }
    void next() { ++at_; }

private:
    const ArticleStore& store_;
    std::vector<ArticleRow> rows_;
    std::size_t at_ = 0;
    bool end_ = false;
};

/// Compares the folded streams, which come in order of id too, with the rows of the view.
class Comparison {
public:
    Comparison(const ArticleStore& store, std::string type, VerifyReport& report)
        : store_(store), rows_(store), type_(std::move(type)), report_(report) {}

    void expect(ArticleRow expected) {
        auto& article = expected.article;
        article.news_type = type_;
        surplus(article.id);
        const auto* row = rows_.peek();
        std::string name = "article " + std::to_string(article.id);
        if (!row || row->article.id != article.id) {
            complain(report_, "view: " + name + " is missing");
        } else {
            if (*row != expected) complain(report_, "view: " + name + " is not what the log says");
            rows_.next();
        }
        ++report_.articles;
        if (article.status != Status::published) return;
        for (const auto& tag : article.tags) {
            ++tags_;
            if (!store_.has_tag(tag, article)) {
                complain(report_, "view: " + name + " is not in the list of its tag " + tag);
            }
        }
    }

    void finish() {
        surplus(std::numeric_limits<ArticleId>::max());
        if (store_.tag_rows() > tags_)
            complain(report_, "view: the tag lists have too many entries");
    }

private:
    void surplus(ArticleId before) {
        for (const auto* row = rows_.peek(); row && row->article.id < before; row = rows_.peek()) {
            complain(report_,
                     "view: article " + std::to_string(row->article.id) + " is not in the log");
            rows_.next();
        }
    }

    const ArticleStore& store_;
    Rows rows_;
    std::string type_;
    VerifyReport& report_;
    std::int64_t tags_ = 0;
};

/// Compares the folded streams with the states that are stored beside the log.
class StateComparison {
public:
    StateComparison(database::ReadTransaction& log, VerifyReport& report)
        : log_(log), report_(report), has_states_(has_states(log)) {}

    void expect(ArticleId id, const Recorded& recorded) {
        if (!has_states_) return;
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

void check_view(database::ReadTransaction& log, database::ReadTransaction& view,
                std::int64_t cursor, const std::string& type, VerifyReport& report,
                const Progress& progress) {
    ArticleStore store(view, active_slot(view), type);
    Comparison comparison(store, type, report);
    std::optional<ArticleRow> article;
    StateComparison states(log, report);
    std::int64_t done = 0;
    bus::read_streams(log, cursor, [&](const bus::Event& event) {
        if (article && article->article.id != event.stream) {
            comparison.expect(std::move(*article));
            article.reset();
        }
        try {
            auto recorded = recorded_of(event);
            article = apply(article.value_or(ArticleRow{}), event.stream, recorded);
            states.expect(event.stream, recorded);
        } catch (const std::exception& failure) {
            complain(report, "log: the event at position " + std::to_string(event.position) +
                                 " cannot be read: " + failure.what());
        }
        if (++done % told_every == 0) progress(done, cursor);
    });
    if (article) comparison.expect(std::move(*article));
    comparison.finish();
}

void check_file(database::Connection& connection, const std::string& name, VerifyReport& report) {
    for (auto& complaint : database::check_integrity(connection)) {
        complain(report, name + ": " + complaint);
    }
}

}  // namespace

VerifyReport verify(const std::filesystem::path& folder, const std::string& type,
                    const Progress& progress) {
    using database::Connection;
    Connection commands(folder / ("news-" + type + ".command.db"), Connection::Mode::read, true);
    Connection queries(folder / ("news-" + type + ".query.db"), Connection::Mode::read, false);
    VerifyReport report;
    check_file(commands, "command store", report);
    check_file(queries, "query store", report);

    // The view first: a running server may go on, but the log then has at least what the view has.
    queries.execute("begin");
    database::ReadTransaction view(queries);
    auto cursor = bus::read_cursor(view, view_subscription);
    commands.execute("begin");
    database::ReadTransaction log(commands);
    auto head = bus::read_head_position(log);
    report.behind = head - cursor;
    check_chain(log, report, head, progress);
    check_view(log, view, cursor, type, report, progress);
    if (cursor > head) complain(report, "view: it is ahead of the log");
    return report;
}

}  // namespace news
