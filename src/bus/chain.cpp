#include "bus/chain.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string_view>

#include "bus/archive.hpp"
#include "bus/log.hpp"

namespace bus {

namespace {

constexpr std::size_t problems_max = 100;
/// What one snapshot is good for.
constexpr std::int64_t events_at_once = 2000;
constexpr std::int64_t told_every = 5000;

struct DigestDeleter {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// SHA-256 over members of any length, each preceded by its length, so that no two different
/// events have the same bytes.
class MemberHash {
public:
    MemberHash() : context_(EVP_MD_CTX_new()) {
        // Fetched once: looking it up by name costs more than hashing an event.
        static EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
        if (!context_ || !sha256 || EVP_DigestInit_ex2(context_.get(), sha256, nullptr) != 1) {
            throw std::runtime_error("SHA-256 is not to be had from OpenSSL");
        }
    }
    void raw(const void* bytes, std::size_t count) {
        EVP_DigestUpdate(context_.get(), bytes, count);
    }
    void text(std::string_view member) {
        length(member.size());
        raw(member.data(), member.size());
    }
    void number(std::int64_t member) {
        length(sizeof(member));
        big_endian(static_cast<std::uint64_t>(member));
    }
    void nothing() { length(~std::uint64_t{0}); }
    Hash finish() {
        Hash hash;
        unsigned count = 0;
        EVP_DigestFinal_ex(context_.get(), hash.data(), &count);
        return hash;
    }

private:
    void length(std::uint64_t count) { big_endian(count); }
    void big_endian(std::uint64_t value) {
        std::array<unsigned char, 8> bytes;
        for (std::size_t i = 0; i < 8; ++i) {
            bytes[i] = static_cast<unsigned char>(value >> (8 * (7 - i)));
        }
        raw(bytes.data(), bytes.size());
    }

    std::unique_ptr<EVP_MD_CTX, DigestDeleter> context_;
};

/// Holds one event after the other against the chain; goes on from what is stored, so that what is
/// wrong once is said once.
class Chain {
public:
    /// What is wrong with the event that follows, if anything.
    /// `is_known`: false if nobody can tell what it says.
    std::optional<std::string> follow(const Event& event, bool is_known) {
        std::optional<std::string> problem;
        auto expected = position_ + 1;
        if (event.position != expected) {
            problem = missing(expected, event.position - 1);
        } else if (is_known && chain_hash(hash_, event) != event.hash) {
            problem = "the event at position " + std::to_string(event.position) +
                      " is not what was recorded: its hash does not fit";
        }
        position_ = event.position;
        hash_ = event.hash;
        return problem;
    }

private:
    static std::string missing(std::int64_t first, std::int64_t last) {
        if (first == last) return "position " + std::to_string(first) + " is missing";
        return "the positions " + std::to_string(first) + " to " + std::to_string(last) +
               " are missing";
    }

    std::int64_t position_ = 0;
    Hash hash_{};
};

/// The first problems; of the others their count.
class Problems {
public:
    void add_once(const std::string& problem) {
        if (said_.size() < problems_max && said_.insert(problem).second) add(problem);
    }
    void add(std::string problem) {
        if (++count_ < problems_max) listed_.push_back(std::move(problem));
    }
    std::vector<std::string> take() {
        auto more = count_ - listed_.size();
        if (more > 0) listed_.push_back("and " + std::to_string(more) + " more problems");
        return std::move(listed_);
    }

private:
    std::size_t count_ = 0;
    std::vector<std::string> listed_;
    std::set<std::string> said_;
};

}  // namespace

Hash chain_hash(const Hash& previous, const Event& event) {
    MemberHash hash;
    hash.raw(previous.data(), previous.size());
    hash.number(event.position);
    hash.number(event.stream);
    hash.number(event.version);
    hash.text(event.event_id);
    hash.text(event.type);
    hash.text(event.body);
    if (event.actor) {
        hash.number(*event.actor);
    } else {
        hash.nothing();
    }
    hash.text(event.correlation_id);
    hash.number(base::to_micros(event.recorded_at));
    return hash.finish();
}

ChainReport follow_chain(database::StoreReader& store,
                         const std::function<void(std::int64_t done, std::int64_t total)>& progress,
                         ArchivedBodies* bodies) {
    ChainReport report;
    Problems problems;
    Chain chain;
    std::int64_t position = 0;
    std::optional<base::Time> before;
    try {
        auto head = read_head_position(store.refresh());
        for (bool more = true; more;) {
            std::int64_t count = 0;
            more = false;
            // Positions rise, or it throws, so each part leads on.
            auto& log = store.refresh();
            if (bodies) bodies->release();
            read_log(log, position, [&](const Event& read) {
                bool fills = bodies && is_archived(read);
                Event filled = fills ? read : Event();
                auto lost = fills ? bodies->fill(log, filled) : std::string();
                const auto& event = fills ? filled : read;
                if (!lost.empty()) problems.add_once(lost);
                if (auto problem = chain.follow(event, lost.empty())) {
                    problems.add(std::move(*problem));
                }
                if (before && event.recorded_at + clock_tolerance < *before) ++report.set_back;
                before = event.recorded_at;
                position = event.position;
                if (++report.events % told_every == 0 && progress) progress(report.events, head);
                bool goes_on = position < head;
                more = goes_on && ++count == events_at_once;
                return goes_on && !more;
            });
        }
    } catch (const database::Failure& failure) {
        problems.add(failure.what());
    }
    store.release();
    if (bodies) bodies->release();
    report.problems = problems.take();
    return report;
}

}  // namespace bus
