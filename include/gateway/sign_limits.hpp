#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway {

/// What a client may look like that nobody who reads or writes looks like.
enum class Sign : std::uint8_t {
    rate,        ///< far more requests than people make
    regularity,  ///< at the beat of a clock
    walk,        ///< one article after the other, by their numbers or guessed
    errors,      ///< mostly what is refused: guessed passwords, probed paths
};
inline constexpr std::size_t sign_count = 4;
std::string_view name_of(Sign sign);

/// What is done about a client that has a sign, each with what the one before it does not do.
enum class SignAction : std::uint8_t {
    none,   ///< it is named: metric, log, operators' page
    limit,  ///< and may ask a few times a minute
    block,  ///< and is refused
    list,   ///< and stands in the file for a firewall
};
SignAction parse_action(std::string_view name);
std::string_view name_of(SignAction action);

/// Settings of the attack signs; describe() says what each means.
struct SignLimits {
    std::int64_t clients_max = 20000;
    std::int64_t named_max = 1000;
    std::chrono::seconds window{60};
    std::chrono::seconds hold{600};
    std::vector<std::string> exempt{};
    std::int64_t limited_per_minute = 30;
    std::string list_file = "firewall.list";
    struct {
        std::string action = "none";
        std::int64_t per_second = 100;
    } rate;
    struct {
        std::string action = "none";
        std::int64_t requests_min = 20;
        std::chrono::milliseconds interval_max{1500};
        std::int64_t variation_max_percent = 10;
    } regularity;
    struct {
        std::string action = "none";
        std::int64_t requests_min = 20;
    } walk;
    struct {
        std::string action = "none";
        std::int64_t requests_min = 30;
        std::int64_t share_min_percent = 50;
    } errors;

    SignAction action(Sign sign) const;
    /// Whether anybody is put on the list for a firewall.
    bool lists() const;
};

}  // namespace gateway
