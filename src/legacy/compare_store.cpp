#include "compare_store.hpp"

#include <memory>
#include <utility>

#include "base/text.hpp"

namespace legacy {

namespace {

using database::ReadTransaction;
using database::Transaction;

std::string text_of(const TallyState::Set& set) {
    std::string text;
    for (auto number : set) text += (text.empty() ? "" : " ") + std::to_string(number);
    return text;
}

TallyState::Set set_of(const ReadTransaction& transaction, std::string_view text) {
    constexpr std::int64_t number_max = 0xFFFFFFFF;
    TallyState::Set set;
    while (!text.empty()) {
        auto end = text.find(' ');
        auto number = base::parse_number(text.substr(0, end), number_max);
        if (!number) transaction.damaged("a set of kinds is no list of numbers");
        set.push_back(static_cast<std::uint32_t>(*number));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return set;
}

/// Every table has its rows for routes that `routes` has.
TallyState& find_route(const ReadTransaction& transaction, TallyStates& states,
                       std::string_view route) {
    auto found = states.find(std::string(route));
    if (found == states.end()) transaction.damaged("a route is missing");
    return found->second;
}

void load_routes(ReadTransaction& transaction, TallyStates& states) {
    auto row = transaction.prepare(
        "select route, generation, since, rules, compared, skipped, failed, dropped, repeats from "
        "routes");
    while (row.step()) {
        auto& state = states[std::string(row.text(0))];
        state.generation = row.integer(1);
        state.since = base::from_micros(row.integer(2));
        state.rules = row.text(3);
        state.compared = row.integer(4);
        state.skipped = row.integer(5);
        state.failed = row.integer(6);
        state.dropped = row.integer(7);
        state.repeats = row.integer(8);
    }
}

void load_kinds(ReadTransaction& transaction, TallyStates& states) {
    auto row = transaction.prepare(
        "select route, number, pointer, what, count, first_at, last_at from kinds");
    while (row.step()) {
        auto& state = find_route(transaction, states, row.text(0));
        auto& kind = state.kinds[static_cast<std::uint32_t>(row.integer(1))];
        kind.pointer = row.text(2);
        kind.what = row.text(3);
        kind.count = row.integer(4);
        kind.first = base::from_micros(row.integer(5));
        kind.last = base::from_micros(row.integer(6));
    }
}

void load_samples(ReadTransaction& transaction, TallyStates& states) {
    auto row = transaction.prepare(
        "select route, kind, target, legacy, native, at from samples order by route, kind, slot");
    while (row.step()) {
        auto& state = find_route(transaction, states, row.text(0));
        auto kind = state.kinds.find(static_cast<std::uint32_t>(row.integer(1)));
        if (kind == state.kinds.end()) transaction.damaged("a kind of differences is missing");
        kind->second.samples.push_back({std::string(row.text(2)), std::string(row.text(3)),
                                        std::string(row.text(4)),
                                        base::from_micros(row.integer(5))});
    }
}

void load_sets(ReadTransaction& transaction, TallyStates& states) {
    auto row = transaction.prepare("select route, kinds, count from kind_sets");
    while (row.step()) {
        auto& state = find_route(transaction, states, row.text(0));
        state.sets[set_of(transaction, row.text(1))] = row.integer(2);
    }
}

void load_noise(ReadTransaction& transaction, TallyStates& states) {
    auto row = transaction.prepare("select route, pointer, count from noise");
    while (row.step()) {
        find_route(transaction, states, row.text(0)).noise.emplace(row.text(1), row.integer(2));
    }
}

void forget(Transaction& transaction, const std::string& route) {
    for (const char* sql :
         {"delete from routes where route = ?", "delete from kinds where route = ?",
          "delete from samples where route = ?", "delete from kind_sets where route = ?",
          "delete from noise where route = ?"}) {
        transaction.prepare(sql).bind(1, route).run();
    }
}

/// False: the store has a newer generation.
bool begin_generation(Transaction& transaction, const std::string& route, const TallyState& state) {
    {
        auto row = transaction.prepare("select generation from routes where route = ?");
        row.bind(1, route);
        if (row.step() && row.integer(0) >= state.generation)
            return row.integer(0) == state.generation;
    }
    forget(transaction, route);
    transaction
        .prepare(
            "insert into routes (route, generation, since, rules, compared, skipped, failed,"
            " dropped, repeats) values (?, ?, ?, ?, 0, 0, 0, 0, 0)")
        .bind(1, route)
        .bind(2, state.generation)
        .bind(3, base::to_micros(state.since))
        .bind(4, state.rules)
        .run();
    return true;
}

void put_kind(Transaction& transaction, const std::string& route, std::uint32_t number,
              const TallyState::Kind& kind) {
    transaction
        .prepare(
            "insert into kinds (route, number, pointer, what, count, first_at, last_at)"
            " values (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            " on conflict (route, number) do update set count = ?5, last_at = ?7")
        .bind(1, route)
        .bind(2, std::int64_t{number})
        .bind(3, kind.pointer)
        .bind(4, kind.what)
        .bind(5, kind.count)
        .bind(6, base::to_micros(kind.first))
        .bind(7, base::to_micros(kind.last))
        .run();
    for (std::size_t slot = 0; slot < kind.samples.size(); ++slot) {
        const auto& sample = kind.samples[slot];
        transaction
            .prepare(
                "insert into samples (route, kind, slot, target, legacy, native, at)"
                " values (?1, ?2, ?3, ?4, ?5, ?6, ?7) on conflict (route, kind, slot)"
                " do update set target = ?4, legacy = ?5, native = ?6, at = ?7")
            .bind(1, route)
            .bind(2, std::int64_t{number})
            .bind(3, static_cast<std::int64_t>(slot))
            .bind(4, sample.target)
            .bind(5, sample.legacy)
            .bind(6, sample.native)
            .bind(7, base::to_micros(sample.at))
            .run();
    }
}

void put_state(Transaction& transaction, const std::string& route, const TallyState& state) {
    if (!begin_generation(transaction, route, state)) return;
    // The numbers of one generation only grow, so a smaller sum is an older state.
    transaction
        .prepare(
            "update routes set compared = ?2, skipped = ?3, failed = ?4, dropped = ?5,"
            " repeats = ?6 where route = ?1 and compared + skipped + failed + dropped <= ?7")
        .bind(1, route)
        .bind(2, state.compared)
        .bind(3, state.skipped)
        .bind(4, state.failed)
        .bind(5, state.dropped)
        .bind(6, state.repeats)
        .bind(7, state.compared + state.skipped + state.failed + state.dropped)
        .run();
    for (const auto& [number, kind] : state.kinds) put_kind(transaction, route, number, kind);
    for (const auto& [set, count] : state.sets) {
        transaction
            .prepare(
                "insert into kind_sets (route, kinds, count) values (?1, ?2, ?3)"
                " on conflict (route, kinds) do update set count = ?3")
            .bind(1, route)
            .bind(2, text_of(set))
            .bind(3, count)
            .run();
    }
    for (const auto& [pointer, count] : state.noise) {
        transaction
            .prepare(
                "insert into noise (route, pointer, count) values (?1, ?2, ?3)"
                " on conflict (route, pointer) do update set count = ?3")
            .bind(1, route)
            .bind(2, pointer)
            .bind(3, count)
            .run();
    }
}

}  // namespace

base::Task<TallyStates> CompareStore::load() {
    auto work = [](ReadTransaction& transaction) -> base::Result<TallyStates> {
        TallyStates states;
        load_routes(transaction, states);
        load_kinds(transaction, states);
        load_samples(transaction, states);
        load_sets(transaction, states);
        load_noise(transaction, states);
        return states;
    };
    co_return co_await database_.read<TallyStates>(base::Deadline(), std::move(work));
}

base::Task<void> CompareStore::put(TallyStates changes) {
    constexpr std::size_t about_bytes = 64 * 1024;
    auto work = [held = std::move(changes)](Transaction& transaction) -> base::Result<void> {
        for (const auto& [route, state] : held) put_state(transaction, route, state);
        return {};
    };
    co_return co_await database_.write<void>(base::Deadline(), about_bytes, std::move(work));
}

database::StoreFile compare_store_file(const std::filesystem::path& folder) {
    return {"legacy", folder / "legacy.db", database::StoreKind::view};
}

}  // namespace legacy
