#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "database/database.hpp"
#include "ranking_state.hpp"

namespace recommendation {

/// See questions in graph_store.hpp.
namespace questions {
inline constexpr std::string_view labels_chosen =
    "select label, choice from label_choices where reader = ?1";
inline constexpr std::string_view articles_hidden =
    "select news_type, news_id from hidden_articles where reader = ?1";
inline constexpr std::string_view taken_before =
    "select name from taken_visits where at < ?1 order by at limit ?2";
}  // namespace questions

/// For so long the name of a visit is known.
inline constexpr std::chrono::hours names_kept{24};

/// Why nothing is kept of a reader; the numbers are stored.
enum class LeftOut : std::int64_t { removed = 1, not_wanted = 2 };

/// What a reader has said themselves.
struct Preferences {
    std::vector<std::string> followed{};
    std::vector<std::string> muted{};
    std::vector<ArticleName> hidden{};
    bool is_personal = true;  ///< false: nothing is kept of them, and nothing used
};

/// The key of the hashes of readers; nothing: there is none yet.
std::optional<std::string> reader_key(database::ReadTransaction& transaction);
void put_reader_key(database::Transaction& transaction, const std::string& key);

/// The file in which the ranking is kept.
struct SnapshotName {
    std::string name;           ///< empty: none
    std::int64_t erasures = 0;  ///< how many there were
};
SnapshotName snapshot_name(database::ReadTransaction& transaction);
/// Only if there were no more erasures than that; else false.
bool put_snapshot_name(database::Transaction& transaction, const SnapshotName& snapshot);

/// Readers within one transaction: what is asked.
class ReaderStore {
public:
    explicit ReaderStore(database::ReadTransaction& transaction) : transaction_(transaction) {}

    std::optional<LeftOut> left_out(ReaderHash reader) const;
    Preferences preferences(ReaderHash reader) const;

private:
    database::ReadTransaction& transaction_;
};

/// The same: what is changed.
class ReaderWriter {
public:
    explicit ReaderWriter(database::Transaction& transaction) : transaction_(transaction) {}

    enum class Choice : std::int64_t { followed = 1, muted = 2 };
    /// Instead of the other one, if it was chosen. False: there are `most` of that choice already.
    bool choose(ReaderHash reader, const std::string& label, Choice choice, std::int64_t most);
    void take_back(ReaderHash reader, const std::string& label, Choice choice);
    /// Where there are more than `most`, the one that was hidden first is shown again.
    void hide(ReaderHash reader, const ArticleName& article, base::Time now, std::int64_t most);
    void show_again(ReaderHash reader, const ArticleName& article);

    void leave_out(ReaderHash reader, LeftOut why);
    void take_in(ReaderHash reader);
    /// All that the log and the tables of this file have of them; a snapshot that was made before
    /// may not be used any more.
    void forget(ReaderHash reader);

    /// False: a visit of that name was taken already.
    bool take(const std::string& name, base::Time now);
    void forget_taken(base::Time before, std::int64_t most);

private:
    database::Transaction& transaction_;
};

}  // namespace recommendation
