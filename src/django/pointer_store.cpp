#include <algorithm>
#include <set>

#include "row_key_json.hpp"
#include "staging_store.hpp"

// Which rows point to which.

namespace django {

namespace {

// A relation's state. It is partial while rows come; one that a row does not fit is so for ever,
// and is filled by index().
constexpr std::int64_t relation_partial = 0;
constexpr std::int64_t relation_whole = 1;
constexpr std::int64_t relation_unfit = 2;

std::string name_of(const Reverse& reverse) {
    std::string name = reverse.model + "[";
    for (const auto& field : reverse.fields) name += field + ",";
    return name + "]";
}

}  // namespace

void StagingStore::begin_relations() {
    for (const auto& reverse : options_.reverses) {
        if (reverse.fields.size() != 1) continue;
        store_->transaction()
            .prepare("insert into relation (name, state) values (?, ?) on conflict do nothing")
            .bind(1, name_of(reverse))
            .bind(2, relation_partial)
            .run();
    }
}

/// Those that were begun with the first row are gone on with, and no other.
void StagingStore::point_early() {
    early_.clear();
    if (is_complete()) return;
    std::set<std::int64_t> partial;
    {
        auto rows = store_->transaction().prepare("select number from relation where state = ?");
        rows.bind(1, relation_partial);
        while (rows.step()) partial.insert(rows.integer(0));
    }
    for (const auto& reverse : options_.reverses) {
        auto known = relation(reverse);
        if (!known || partial.erase(known->number) == 0) continue;
        early_.emplace(reverse.model, Early{known->number, reverse.fields.front()});
    }
    // Those of another mapping miss the rows that come now.
    for (auto number : partial) set_state(number, relation_unfit);
}

void StagingStore::set_state(std::int64_t relation, std::int64_t state) {
    store_->transaction()
        .prepare("update relation set state = ?2 where number = ?1")
        .bind(1, relation)
        .bind(2, state)
        .run();
}

/// What a list says depends on rows that may be still to come.
void StagingStore::point(const Record& record, const std::string& source) {
    auto [begin, end] = early_.equal_range(record.model);
    while (begin != end) {
        const auto& early = begin->second;
        const auto* value = record.fields.find(early.field);
        if (!value || value->is_null() || value->is_object()) {
            ++begin;
        } else if (value->is_scalar()) {
            add_pointer(early.relation, value->text, source);
            ++begin;
        } else {
            set_state(early.relation, relation_unfit);
            begin = early_.erase(begin);
        }
    }
}

void StagingStore::end_early() {
    for (const auto& [model, early] : early_) set_state(early.relation, relation_whole);
    early_.clear();
}

std::optional<StagingStore::Relation> StagingStore::relation(const Reverse& reverse) const {
    auto name = name_of(reverse);
    auto rows = store_->transaction().prepare("select number, state from relation where name = ?");
    rows.bind(1, name);
    if (!rows.step()) return std::nullopt;
    return Relation{rows.integer(0), rows.integer(1)};
}

void StagingStore::index(const Reverse& reverse) {
    auto& transaction = store_->transaction();
    auto known = relation(reverse);
    if (known && known->state == relation_whole) return;
    // With its rows in one transaction: it is whole, or as it was.
    if (!known) {
        transaction.prepare("insert into relation (name, state) values (?, ?)")
            .bind(1, name_of(reverse))
            .bind(2, relation_whole)
            .run();
        known = relation(reverse);
    }
    std::string after;
    for (auto rows = next_rows(reverse.model, after, 500); !rows.empty();
         rows = next_rows(reverse.model, after, 500)) {
        for (const auto& row : rows) add_pointers(known->number, reverse, *row);
    }
    set_state(known->number, relation_whole);
    store_->commit();
}

void StagingStore::add_pointer(std::int64_t relation, const std::string& target,
                               const std::string& source) {
    store_->transaction()
        .prepare(
            "insert into pointer (relation, target, source) values (?1, ?2, ?3)"
            " on conflict (relation, target, source) do nothing")
        .bind(1, relation)
        .bind(2, target)
        .bind(3, source)
        .run();
}

void StagingStore::add_pointers(std::int64_t relation, const Reverse& reverse, const Row& row) {
    auto add = [&](const std::string& to) { add_pointer(relation, to, sorted_key(row.key)); };
    const auto* value = row.fields.find(reverse.fields.back());
    if (!value || value->is_null() || value->is_object()) return;
    if (reverse.fields.size() == 2) {
        const auto* type = row.fields.find(reverse.fields.front());
        if (type && value->is_scalar()) add(content_type(*type) + "|" + value->text);
        return;
    }
    auto model = target(row.model, reverse.fields.back());
    auto add_key = [&](const Value& key) {
        if (key.is_scalar()) return add(key.text);
        if (auto found = find(model, key)) add(key_text(found->key));
    };
    bool is_natural = value->is_list() && find(model, *value);
    if (value->is_list() && !is_natural) {
        for (const auto& key : value->items) add_key(key);
    } else {
        add_key(*value);
    }
}

std::vector<RowPointer> StagingStore::pointing(const Reverse& reverse, const std::string& model,
                                               const Value& key) const {
    std::vector<RowPointer> found;
    auto known = relation(reverse);
    auto number = known_number_of(reverse.model);
    if (!known || number < 0) return found;
    auto target = reverse.fields.size() == 2 ? model + "|" + key_text(key) : key_text(key);
    auto rows = store_->transaction().prepare(
        "select record.key, record.body, record.line from pointer join record"
        " on record.model = ?1 and record.key = pointer.source"
        " where pointer.relation = ?2 and pointer.target = ?3 order by pointer.source desc limit "
        "?4");
    rows.bind(1, number).bind(2, known->number).bind(3, target);
    rows.bind(4, static_cast<std::int64_t>(options_.pointing_max + 1));
    std::size_t bytes = 0;
    while (rows.step()) {
        if (found.size() == options_.pointing_max || bytes > options_.pointing_bytes_max) {
            ++cut_short_;
            break;
        }
        found.push_back(row_from(number, rows.text(0), rows.text(1), rows.integer(2)));
        bytes += memory_of(found.back()->fields);
    }
    // Too many are cut at the old end: of the states of an article the newest count.
    std::reverse(found.begin(), found.end());
    return found;
}

}  // namespace django
